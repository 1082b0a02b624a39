using System.Security.Cryptography.X509Certificates;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Abstractions.Ports.Secrets;
using GitOpsGrains.Git.Hosting;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Git.Tests;

/// <summary>Mirrors in a temporary folder beside a real Git server.</summary>
internal sealed class MirrorHarness : IAsyncDisposable
{
    private readonly Action<GitOptions>? _configure;
    private readonly TimeProvider _time;
    private ServiceProvider _services;
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("gog-mirrors-");

    private MirrorHarness(GitServer server, Action<GitOptions>? configure, TimeProvider? time)
    {
        (Server, _configure, _time) = (server, configure, time ?? TimeProvider.System);
        _services = Build();
    }

    public GitServer Server { get; }

    public IGitMirrors Mirrors => _services.GetRequiredService<IGitMirrors>();

    public IGitHistory History => _services.GetRequiredService<IGitHistory>();

    public IGitWriter Writer => _services.GetRequiredService<IGitWriter>();

    public ISignatureVerifier Signatures => _services.GetRequiredService<ISignatureVerifier>();

    public string DataDirectory => _data.FullName;

    public SecretShelf Secrets { get; } = new();

    public RecordingBudgets Budgets { get; } = new();

    /// <summary>All that was logged.</summary>
    public LogLines Log { get; } = new();

    public static async Task<MirrorHarness> StartAsync(
        Action<GitOptions>? configure = null, X509Certificate2? certificate = null, X509Certificate2? clientAuthority = null, TimeProvider? time = null) =>
        new(await GitServer.StartAsync(certificate, clientAuthority), configure, time);

    public static RepositoryAccess Access(GitWorkspace workspace, double seconds = 20) =>
        new(Path.GetFileName(workspace.Folder), workspace.Url, TimeSpan.FromSeconds(seconds));

    /// <summary>As after a restart: nothing is open, and the folders are as they were.</summary>
    public async Task RestartAsync()
    {
        await _services.DisposeAsync();
        _services = Build();
    }

    /// <summary>Lists and fetches one branch, as a poll that found a new commit does; returns the commit.</summary>
    public async Task<string> PullAsync(RepositoryAccess repository, string name = "refs/heads/main")
    {
        var listing = await Mirrors.ListRefsAsync(repository, [name], CancellationToken.None);
        var found = listing.Refs.Single(item => item.Name == name);
        await Mirrors.FetchAsync(repository, [found], CancellationToken.None);
        return found.Commit;
    }

    public static async Task<GitException> FailsAsync(Func<Task> action, GitErrorKind kind)
    {
        var failure = await Assert.ThrowsAsync<GitException>(action);
        Assert.True(kind == failure.Kind, $"{failure.Kind}: {failure.Message}");
        return failure;
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await Server.DisposeAsync();
        _data.Delete(true);
    }

    private ServiceProvider Build() => new ServiceCollection()
        .AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(Log))
        .AddSingleton(_time)
        .AddSingleton<ISecretReader>(Secrets)
        .AddSingleton<ICredentialTemplates>(Secrets)
        .AddSingleton<IServerBudgets>(Budgets)
        .AddGitMirrors(options =>
    {
        options.DataDirectory = _data.FullName;
        _configure?.Invoke(options);
    }).BuildServiceProvider();
}
