using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Git.Fetching;
using GitOpsGrains.Git.Mirrors;
using GitOpsGrains.Git.Transport;
using GitOpsGrains.Git.Verification;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace GitOpsGrains.Git.Hosting;

public static class GitExtensions
{
    /// <summary>Adds <see cref="IGitMirrors"/> and <see cref="ISignatureVerifier"/>. Options are checked when the host starts.</summary>
    public static IServiceCollection AddGitMirrors(this IServiceCollection services, Action<GitOptions> configure)
    {
        services.AddOptions<GitOptions>().Configure(configure).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<RepositoryPool>();
        services.AddSingleton<MirrorFolders>();
        services.AddSingleton<GitExecutors>();
        services.AddSingleton<GitHttp>();
        services.AddSingleton<SmartHttpRemote>();
        services.AddSingleton<MirrorFetcher>();
        services.AddSingleton<PackMaintenance>();
        services.AddSingleton<IGitMirrors, GitMirrors>();
        services.AddSingleton<ChildProcess>();
        services.AddSingleton<KeyFolders>();
        services.AddSingleton<ObjectBytes>();
        services.AddSingleton<ISignatureVerifier, SignatureVerifier>();
        return services;
    }
}
