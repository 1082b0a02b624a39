using GitOpsGrains.Demo.Fleet;
using GitOpsGrains.Demo.Playing;
using GitOpsGrains.Demo.Repository;

namespace GitOpsGrains.Demo.Hosting;

/// <summary>The demo, in the two steps of a host's start: what must be there before the server looks for it, and what is played when it answers.</summary>
public sealed class DemoHost(DemoOptions options) : IAsyncDisposable
{
    private static readonly TimeSpan SaveEvery = TimeSpan.FromSeconds(5);

    private readonly DemoFolder _folder = new(options.DataDirectory);
    private DemoFleet? _fleet;
    private bool _isNew;

    /// <summary>Makes the repository and starts the clusters, as they were left. The data directory must be this process's own. Errors: <see cref="DemoException"/>.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        _isNew = !_folder.IsPlayed;
        try
        {
            _folder.Create();
            await new SampleRepository(_folder, options.Time).EnsureAsync(cancellationToken);
            _fleet = await DemoFleet.StartAsync(_folder, options.Time, cancellationToken);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new DemoException($"the demo can't be made in {_folder.Root}: {failure.Message}", failure);
        }
    }

    /// <summary>Stores the documents, says what comes of them and what to try, and keeps things moving until it is cancelled. Errors: <see cref="DemoException"/>.</summary>
    /// <param name="server">Where REST answers.</param>
    /// <param name="tokenFile">Of an administrator.</param>
    /// <param name="started">When the process started.</param>
    public async Task PlayAsync(Uri server, string tokenFile, DateTimeOffset started, TextWriter output, CancellationToken cancellationToken)
    {
        var fleet = _fleet ?? throw new InvalidOperationException("the demo is not prepared");
        var screen = new DemoScreen(output, started, options.Time);
        using var client = new FleetServer(server, (await File.ReadAllTextAsync(tokenFile, cancellationToken)).Trim());
        await ApplyAsync(client, screen, cancellationToken);
        var commands = new CommandText(server, tokenFile, Directory.GetCurrentDirectory(), AppContext.BaseDirectory, Environment.GetEnvironmentVariable);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // Saved from the first object on: the process may be killed while it gets going.
        await EndTogetherAsync([ShowAsync(fleet, client, screen, commands, both.Token), SaveAsync(fleet, both.Token)], both);
    }

    private async Task ShowAsync(DemoFleet fleet, FleetServer client, DemoScreen screen, CommandText commands, CancellationToken cancellationToken)
    {
        await OpenAsync(client, screen, cancellationToken);
        new Guide(_folder, commands).Print(screen, options.DriftEvery);
        using var alice = new Alice(fleet.Simulated, DemoCluster.All.Where(static cluster => cluster.Labels["env"] == "prod").Select(static cluster => cluster.Name), screen, options.Time);
        await alice.WorkAsync(options.DriftEvery, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_fleet is not null) await _fleet.DisposeAsync();
        _fleet = null;
    }

    private async Task ApplyAsync(FleetServer client, DemoScreen screen, CancellationToken cancellationToken)
    {
        if (_isNew && !await client.IsEmptyAsync(cancellationToken))
        {
            await DisposeAsync();
            Directory.Delete(_folder.Root, recursive: true);
            throw new DemoException($"{options.DataDirectory} holds an installation that is no demo; give the demo a folder of its own: --demo --data DIR");
        }

        var documents = DemoDocuments.Of(_folder);
        if (!_isNew && await File.ReadAllTextAsync(_folder.Documents, cancellationToken) == documents) return;
        await client.ApplyAsync(documents, cancellationToken);
        DemoFolder.Write(_folder.Documents, System.Text.Encoding.UTF8.GetBytes(documents));
        screen.Reached("stored a repository, 2 projects, 12 clusters and 10 applications");
    }

    private async Task OpenAsync(FleetServer client, DemoScreen screen, CancellationToken cancellationToken)
    {
        var opening = new Opening(client, screen, options.Time);
        var repository = new SampleRepository(_folder, options.Time);
        await opening.WatchAsync(static _ => true, cancellationToken);
        foreach (var commit in SampleCommit.News)
        {
            if (!await repository.AddAsync(commit, cancellationToken)) continue;
            screen.Reached($"{commit.Author} pushes: {commit.Message}");
            await client.RefreshAsync(commit.Application, cancellationToken);
            await opening.WatchAsync(view => Opening.NameOf(view) != commit.Application || view.Status.Commit?.Message.Trim() == commit.Message, cancellationToken);
        }
    }

    private async Task SaveAsync(DemoFleet fleet, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(SaveEvery, options.Time);
        while (await timer.WaitForNextTickAsync(cancellationToken)) fleet.Save();
    }

    /// <summary>The first that fails ends the others, and is what went wrong.</summary>
    private static async Task EndTogetherAsync(IReadOnlyList<Task> tasks, CancellationTokenSource all)
    {
        var first = await Task.WhenAny(tasks);
        await all.CancelAsync();
        await Task.WhenAll(tasks).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        await first;
    }
}
