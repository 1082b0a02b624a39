using GitOpsGrains.Abstractions.Ports.Manifests;
using GitOpsGrains.Storage.Manifests;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Storage;

namespace GitOpsGrains.Storage.Hosting;

/// <summary>Registers the manifest store over a backend.</summary>
public static class ManifestStoreExtensions
{
    /// <summary>
    /// Adds <see cref="IManifestStore"/> over the storage that <paramref name="backend"/> finds. The caller sees to it that the
    /// key ring (<see cref="IDataProtectionProvider"/>) lasts and is shared by all silos, outside of that storage.
    /// </summary>
    public static IServiceCollection AddManifestStore(
        this IServiceCollection services, Func<IServiceProvider, IGrainStorage> backend, Action<ManifestStoreOptions>? configure = null)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddDataProtection().SetApplicationName("GitOpsGrains");
        var options = services.AddOptions<ManifestStoreOptions>().ValidateDataAnnotations().ValidateOnStart();
        if (configure is not null) options.Configure(configure);
        services.AddSingleton<IManifestStore>(provider => new ManifestStore(
            backend(provider),
            provider.GetRequiredService<IDataProtectionProvider>(),
            provider.GetRequiredService<IOptions<ManifestStoreOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ManifestStore>>()));
        return services;
    }
}
