namespace GitOpsGrains.Demo.Repository;

/// <summary>The sample repository: a bare one that the server reads and may push to, and a clone for people.</summary>
internal sealed class SampleRepository(DemoFolder folder, TimeProvider time)
{
    private const string Branch = "refs/heads/main";
    private const string PastMark = "refs/demo/past";

    private readonly Git _git = new(time);

    /// <summary>Makes what is not there.</summary>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        if (!await HasAsync(PastMark, cancellationToken))
        {
            await _git.RunAsync(folder.Root, cancellationToken, "init", "--quiet", "--bare", folder.Repository);
            await _git.RunAsync(folder.Repository, cancellationToken, "symbolic-ref", "HEAD", Branch);
            await ImportAsync(SampleCommit.Past, PastMark, isNew: true, cancellationToken);
        }

        if (!Directory.Exists(folder.Clone)) await CloneAsync(cancellationToken);
        // The data directory may have been moved.
        await _git.RunAsync(folder.Clone, cancellationToken, "remote", "set-url", "origin", folder.Repository);
    }

    /// <summary>Adds a colleague's commit; false when it is there already.</summary>
    public async Task<bool> AddAsync(SampleCommit commit, CancellationToken cancellationToken)
    {
        var mark = $"refs/demo/{commit.Folder}";
        if (await HasAsync(mark, cancellationToken)) return false;
        await ImportAsync([commit], mark, isNew: false, cancellationToken);
        return true;
    }

    private async Task<bool> HasAsync(string mark, CancellationToken cancellationToken) =>
        Directory.Exists(folder.Repository) && await _git.AskAsync(folder.Repository, false, cancellationToken, "rev-parse", "--verify", "--quiet", mark) is not null;

    private async Task ImportAsync(IReadOnlyList<SampleCommit> commits, string mark, bool isNew, CancellationToken cancellationToken) =>
        await _git.RunAsync(folder.Repository, ["fast-import", "--quiet"], FastImport.Of(commits, Branch, mark, isNew, time.GetUtcNow()), cancellationToken);

    private async Task CloneAsync(CancellationToken cancellationToken)
    {
        await _git.RunAsync(folder.Root, cancellationToken, "clone", "--quiet", folder.Repository, folder.Clone);
        await ConfigureAsync("core.autocrlf", "false");
        // What may be set elsewhere must not stop the commands that the demo prints.
        await ConfigureAsync("commit.gpgSign", "false");
        await ConfigureAsync("pull.rebase", "false");
        if (await _git.AskAsync(folder.Clone, true, cancellationToken, "config", "user.email") is { Length: > 0 }) return;
        await ConfigureAsync("user.name", "You");
        await ConfigureAsync("user.email", "you@localhost");

        Task<string> ConfigureAsync(string name, string value) => _git.RunAsync(folder.Clone, cancellationToken, "config", name, value);
    }
}
