using GitOpsGrains.Storage.Manifests;
using GitOpsGrains.Storage.Sqlite;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime.Hosting;
using Orleans.Serialization.Serializers;
using Orleans.Storage;

namespace GitOpsGrains.Storage.Hosting;

/// <summary>The front door of the embedded storage.</summary>
public static class EmbeddedStorageExtensions
{
    /// <summary>The provider name that this project's grains ask for; the default provider is the same storage.</summary>
    public const string StateProviderName = "state";

    /// <summary>
    /// Keeps grain state, reminders and manifest sets in one directory of this machine, for a single silo: the default and the
    /// "state" <see cref="IGrainStorage"/>, the reminder table and the manifest store. The silo's start fails with a
    /// <see cref="Directories.DataDirectoryInUseException"/> when another process has the directory.
    /// </summary>
    public static ISiloBuilder UseEmbeddedStorage(this ISiloBuilder builder, Action<EmbeddedStorageOptions> configure)
    {
        var services = builder.Services;
        services.AddOptions<EmbeddedStorageOptions>().Configure(configure).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<EmbeddedStorage>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<EmbeddedStorage>());

        builder.UseGrainStateJson();
        services.AddSingleton(CreateGrainStorage);
        services.AddGrainStorage("Default", (provider, _) => provider.GetRequiredService<SqliteGrainStorage>());
        services.AddGrainStorage(StateProviderName, (provider, _) => provider.GetRequiredService<SqliteGrainStorage>());

        builder.AddReminders();
        services.AddSingleton<IReminderTable>(provider => new SqliteReminderTable(
            provider.GetRequiredService<EmbeddedStorage>().State, ServiceId(provider)));

        services.AddManifestStore(CreateManifestBackend);
        services.AddOptions<ManifestStoreOptions>().Configure<IOptions<EmbeddedStorageOptions>>(
            (manifests, embedded) => manifests.CacheBytes = embedded.Value.ManifestCacheBytes);
        services.AddOptions<KeyManagementOptions>().Configure<EmbeddedStorage>(
            (keys, storage) => keys.XmlRepository = new DurableKeyRepository(storage.KeyDirectory));
        return builder;
    }

    private static SqliteGrainStorage CreateGrainStorage(IServiceProvider provider) => new(
        provider.GetRequiredService<EmbeddedStorage>().State,
        ServiceId(provider),
        provider.GetRequiredService<IGrainStorageSerializer>(),
        provider.GetRequiredService<IActivatorProvider>(),
        provider.GetRequiredService<IOptions<EmbeddedStorageOptions>>().Value.MaxStateBytes);

    internal static SqliteGrainStorage CreateManifestBackend(IServiceProvider provider) => new(
        provider.GetRequiredService<EmbeddedStorage>().Manifests,
        ServiceId(provider),
        new ManifestRecordSerializer(provider.GetRequiredService<IGrainStorageSerializer>()),
        provider.GetRequiredService<IActivatorProvider>(),
        GrainStateTooLargeException.DefaultLimit);

    private static string ServiceId(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<ClusterOptions>>().Value.ServiceId;
}
