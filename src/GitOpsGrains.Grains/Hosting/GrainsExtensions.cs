using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Abstractions.Ports.Manifests;
using GitOpsGrains.Abstractions.Ports.Secrets;
using GitOpsGrains.Engine.Health;
using GitOpsGrains.Grains.Applications;
using GitOpsGrains.Grains.Clusters;
using GitOpsGrains.Grains.Credentials;
using GitOpsGrains.Grains.Fleet;
using GitOpsGrains.Grains.Manifests;
using GitOpsGrains.Grains.Repositories;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;
using Orleans.Metadata;
using Orleans.Versions.Compatibility;
using Orleans.Versions.Selector;

namespace GitOpsGrains.Grains.Hosting;

/// <summary>The front door of this project. The adapters behind the engine's ports come from the host.</summary>
public static class GrainsExtensions
{
    /// <summary>Grains of other silos whose place is remembered.</summary>
    private const int DirectoryCache = 50_000;

    public static ISiloBuilder AddGitOpsGrains(this ISiloBuilder builder, Action<GitOpsGrainsOptions> configure)
    {
        var services = builder.Services;
        Instruments.Publish();
        services.AddOptions<GitOpsGrainsOptions>().Configure(configure)
            .Validate(options => Abstractions.Identity.GrainKeys.IsSegment(options.Installation), "Installation must be a DNS-1123 name of at most 63 characters")
            .Validate(options => options is { GitRequestsPerSecond: >= 0.01 and <= 10_000, GitRequestBurst: >= 1 and <= 10_000 }, "Git:RequestsPerSecond must be from 0.01 and Git:RequestBurst from 1, both to 10000")
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new ManifestLibrary(provider.GetRequiredService<IManifestStore>()));
        services.TryAddSingleton(provider => new HealthAssessor(provider.GetService<IHealthScripts>()));
        services.AddSingleton<FleetNews>();
        services.AddSingleton<Waker>();
        services.AddSingleton<PassTurns>();
        services.AddSingleton<HostBudgets>();
        services.AddSingleton<IServerBudgets>(provider => provider.GetRequiredService<HostBudgets>());
        services.AddSingleton<GitRequests>();
        services.AddSingleton<RevisionVerifier>();
        services.AddSingleton<ClusterSessions>();
        services.AddOptions<SecretOptions>();
        services.AddSingleton<CredentialSeal>();
        services.AddSingleton<ISecretReader, SecretReader>();
        services.AddSingleton<ICredentialTemplates, CredentialTemplates>();
        services.AddSingleton<IWriteFence, MembershipWriteFence>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, Supervisor>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, Rehoming>();
        services.AddHostedService<MembershipInstrument>();
        builder.AddPlacementDirector<ClusterPlacement, ClusterPlacementDirector>();
        services.AddGitOpsGrainsSerialization();
        // The first that answers is taken: before Orleans' own.
        services.Insert(0, ServiceDescriptor.Singleton<IGrainInterfaceTypeProvider, KnownInterfaceTypes>());
        // A silo that hangs is declared dead within 20 s instead of a minute.
        services.Configure<ClusterMembershipOptions>(options =>
        {
            options.ProbeTimeout = TimeSpan.FromSeconds(3);
            options.MaxProbeTimeout = TimeSpan.FromSeconds(5);
            // A silo that was declared dead while it hung looks here to find out, by default once a minute.
            options.TableRefreshTimeout = TimeSpan.FromSeconds(10);
            // When all silos were killed, the first new one waits until the old ones have missed three of these: 30 s, by default 90.
            options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(10);
            // Silos that have been joining for longer are declared dead, by whichever clock: with the default of 5 min one whose
            // clock is ahead kills each one that joins.
            options.MaxJoinAttemptTime = TimeSpan.FromMinutes(15);
        });
        // While a new version is rolled out: a silo takes calls of its own interface's version and of older ones, never of newer ones.
        services.Configure<GrainVersioningOptions>(options =>
            (options.DefaultCompatibilityStrategy, options.DefaultVersionSelectorStrategy) = (nameof(BackwardCompatible), nameof(AllCompatibleVersions)));
        // Made in full at the start: Orleans' own default for a million grains takes 20 MB.
        services.Configure<GrainDirectoryOptions>(options => options.CacheSize = DirectoryCache);
        return builder;
    }
}
