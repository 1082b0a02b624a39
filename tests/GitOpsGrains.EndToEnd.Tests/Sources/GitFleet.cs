using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Gateway.Webhooks;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;

namespace GitOpsGrains.EndToEnd.Tests.Sources;

/// <summary>The product and a Git server; the applications' only cluster is one that does not exist, so they are rendered and no more.</summary>
public sealed class GitFleet : IAsyncLifetime
{
    private InProcessHost? _host;
    private GitServer? _git;

    public InProcessHost Host => _host ?? throw new InvalidOperationException("the product has not been started");

    public GitServer Git => _git ?? throw new InvalidOperationException("the Git server has not been started");

    public FleetRest Rest => Host.Rest;

    public LeapingClock Clock { get; } = new();

    public async ValueTask InitializeAsync()
    {
        _git = await GitServer.StartAsync();
        var secrets = new Dictionary<string, SecretReference>();
        foreach (var provider in WebhookOptions.Providers)
        {
            var file = Path.Combine(_git.Root, provider + ".secret");
            await File.WriteAllTextAsync(file, SecretOf(provider) + "\n");
            secrets[provider] = new SecretReference { File = file };
        }
        _host = await InProcessHost.StartAsync(settings => settings with { Webhooks = new WebhookOptions { Secrets = secrets, Burst = 5000 } }, Clock);
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null) await _host.DisposeAsync();
        if (_git is not null) await _git.DisposeAsync();
    }

    /// <summary>What webhooks of the provider are signed with.</summary>
    public static string SecretOf(string provider) => provider == "azuredevops" ? "hook:secret-of-azuredevops" : $"secret-of-{provider}";

    /// <summary>A new repository, known to the product; it is asked once a day if no other interval is given.</summary>
    public async Task<GitWorkspace> NewRepositoryAsync(string more = "", string interval = "24h")
    {
        var name = $"t{Guid.NewGuid():N}"[..10];
        var work = await Git.CreateRepositoryAsync(name);
        await PutRepositoryAsync(work, more, interval);
        return work;
    }

    public Task PutRepositoryAsync(GitWorkspace work, string more = "", string interval = "24h") => Rest.ApplyAsync($$"""
        apiVersion: gitopsgrains.io/v1
        kind: Repository
        metadata: {name: "{{NameOf(work)}}"}
        spec:
          url: "{{work.Url}}"
          poll: {interval: {{interval}} }
        {{more}}
        """);

    public static string NameOf(GitWorkspace work) => Path.GetFileName(work.Folder);

    /// <summary>An application of the repository's name and a suffix.</summary>
    /// <param name="source">What follows the repository in the source: "ref: main, path: app".</param>
    public Task PutApplicationAsync(GitWorkspace work, string source, string suffix = "") => Rest.ApplyAsync($$"""
        apiVersion: gitopsgrains.io/v1
        kind: Application
        metadata: {name: "{{NameOf(work)}}{{suffix}}"}
        spec:
          source: {repository: "{{NameOf(work)}}", {{source}}}
          destination: {clusters: [nowhere], namespace: default}
          driftCheck: {interval: 24h, deepInterval: 24h}
        """);

    public async Task<ApplicationStatusView> StatusAsync(GitWorkspace work, string suffix = "") =>
        (await Rest.GetApplicationAsync(NameOf(work) + suffix)).Status;

    /// <summary>Waits until the application wants the commit.</summary>
    public async Task<ApplicationStatusView> WantsAsync(GitWorkspace work, string commit, string suffix = "", TimeSpan? patience = null)
    {
        ApplicationStatusView? status = null;
        await Eventually.GetAsync(
            async () => Told(status = await StatusAsync(work, suffix)), _ => status!.Revision == commit && !status.Conditions.Any(IsOfGit), $"{commit} of {work.Url}", patience);
        return status!;
    }

    /// <summary>Waits for a condition and returns its message.</summary>
    public async Task<string> SaysAsync(GitWorkspace work, string condition, string suffix = "")
    {
        ApplicationStatusView? status = null;
        await Eventually.GetAsync(
            async () => Told(status = await StatusAsync(work, suffix)), _ => status!.Conditions.Any(found => found.Type == condition), $"{condition} of {work.Url}");
        return status!.Conditions.First(found => found.Type == condition).Message;
    }

    private static bool IsOfGit(ConditionView condition) => condition.Type.StartsWith("Revision", StringComparison.Ordinal)
        || condition.Type.StartsWith("Repository", StringComparison.Ordinal) || condition.Type == "VerificationFailed";

    private static string Told(ApplicationStatusView status) =>
        $"{status.Revision} {string.Join("; ", status.Conditions.Select(condition => $"{condition.Type}: {condition.Message}"))}";
}
