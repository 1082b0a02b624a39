using GitOpsGrains.Storage.Copying;
using GitOpsGrains.Storage.Manifests;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Runtime.Hosting;

namespace GitOpsGrains.Storage.Hosting;

/// <summary>What every kind of storage registers alike.</summary>
internal static class StorageBackendRegistration
{
    /// <summary>Grain state under both provider names, the manifest store and the key ring, opened and closed with the silo.</summary>
    public static ISiloBuilder AddBackend<TBackend>(this ISiloBuilder builder) where TBackend : StorageBackend
    {
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<TBackend>();
        services.AddSingleton<StorageBackend>(provider => provider.GetRequiredService<TBackend>());
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<TBackend>());
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, CopyMarkCheck>();
        builder.UseGrainStateJson();
        services.AddGrainStorage("Default", (provider, _) => provider.GetRequiredService<TBackend>().State);
        services.AddGrainStorage(EmbeddedStorageExtensions.StateProviderName, (provider, _) => provider.GetRequiredService<TBackend>().State);
        builder.AddReminders();
        services.AddManifestStore(provider => provider.GetRequiredService<TBackend>().Manifests);
        services.AddOptions<KeyManagementOptions>().Configure<TBackend>(
            (keys, backend) => keys.XmlRepository = new DurableKeyRepository(backend.KeyDirectory));
        return builder;
    }

    /// <summary>For storages that several silos share: a silo whose key ring is another one does not start, and one that has lost them says so.</summary>
    public static ISiloBuilder AddSharedKeyRing(this ISiloBuilder builder, string keyDirectory)
    {
        builder.Services.Configure<SharedKeyRingOptions>(options => options.Directory = Path.GetFullPath(keyDirectory));
        builder.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, SharedKeyRing>();
        builder.Services.AddSingleton<StorageHealth>();
        builder.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, StorageProbe>();
        return builder;
    }
}
