using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Abstractions.Ports.Secrets;
using GitOpsGrains.Git.Credentials;
using GitOpsGrains.Git.Fetching;
using GitOpsGrains.Git.Mirrors;
using GitOpsGrains.Git.Reading;
using GitOpsGrains.Git.Submodules;
using GitOpsGrains.Git.Transport;
using GitOpsGrains.Git.Verification;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace GitOpsGrains.Git.Hosting;

public static class GitExtensions
{
    /// <summary>
    /// Adds <see cref="IGitMirrors"/>, <see cref="IGitHistory"/>, <see cref="IGitWriter"/> and <see cref="ISignatureVerifier"/>. Options are
    /// checked when the host starts. Secrets come from the host's <see cref="ISecretReader"/> and <see cref="ICredentialTemplates"/>; without them none are read. Submodules are fetched within its <see cref="IServerBudgets"/>.
    /// </summary>
    public static IServiceCollection AddGitMirrors(this IServiceCollection services, Action<GitOptions> configure)
    {
        GitInstruments.Publish();
        services.AddOptions<GitOptions>().Configure(configure).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<RepositoryPool>();
        services.AddSingleton<MirrorFolders>();
        services.AddSingleton<GitExecutors>();
        services.AddSingleton<GitHttp>();
        services.TryAddSingleton<ISecretReader, NoSecrets>();
        services.TryAddSingleton<ICredentialTemplates, NoSecrets>();
        services.TryAddSingleton<IServerBudgets, NoBudgets>();
        services.AddSingleton<AppTokens>();
        services.AddSingleton<EndpointReader>();
        services.AddSingleton<SmartHttpRemote>();
        services.AddSingleton<SshSessions>();
        services.AddSingleton<SshRemote>();
        services.AddSingleton<Remotes>();
        services.AddSingleton<MirrorFetcher>();
        services.AddSingleton<PackMaintenance>();
        services.AddSingleton<WideTrees>();
        services.AddSingleton<PathResolver>();
        services.AddSingleton<PathLinks>();
        services.AddSingleton<RecentReads>();
        services.AddSingleton<SubmoduleFiles>();
        services.AddSingleton<SubmoduleFailures>();
        services.AddSingleton<GitMirrors>();
        services.AddSingleton<IGitMirrors>(provider => provider.GetRequiredService<GitMirrors>());
        services.AddSingleton<IGitHistory>(provider => provider.GetRequiredService<GitMirrors>());
        services.AddSingleton<IGitWriter>(provider => provider.GetRequiredService<GitMirrors>());
        services.AddSingleton<ChildProcess>();
        services.AddSingleton<KeyFolders>();
        services.AddSingleton<ObjectBytes>();
        services.AddSingleton<ISignatureVerifier, SignatureVerifier>();
        return services;
    }
}
