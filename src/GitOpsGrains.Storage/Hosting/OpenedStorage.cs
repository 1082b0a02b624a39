using GitOpsGrains.Abstractions.Ports.Manifests;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Serialization;
using Orleans.Storage;

namespace GitOpsGrains.Storage.Hosting;

/// <summary>A storage as a silo registers it, opened without a silo.</summary>
public sealed class OpenedStorage : IAsyncDisposable
{
    private readonly ServiceProvider _provider;

    private OpenedStorage(ServiceProvider provider) => _provider = provider;

    /// <summary>Of the grains.</summary>
    public IGrainStorage State => Backend.State;

    public IReminderTable Reminders => _provider.GetRequiredService<IReminderTable>();

    public IManifestStore Manifests => _provider.GetRequiredService<IManifestStore>();

    /// <summary>The silos of the cluster; null for the embedded kind, which is locked by its one silo.</summary>
    public IMembershipTable? Membership => _provider.GetService<IMembershipTable>();

    public IServiceProvider Services => _provider;

    internal StorageBackend Backend => _provider.GetRequiredService<StorageBackend>();

    /// <summary>Opens the storage; <paramref name="configure"/> may replace a service.</summary>
    /// <exception cref="StorageSettingsException">The choice is not complete.</exception>
    /// <exception cref="StorageUnavailableException">The server was not reached.</exception>
    public static async Task<OpenedStorage> OpenAsync(
        StorageChoice choice, string serviceId, string clusterId, Action<IServiceCollection>? configure = null, CancellationToken cancellationToken = default)
    {
        var builder = new Builder();
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.None));
        builder.Services.AddSerializer();
        builder.Services.Configure<ClusterOptions>(options => (options.ServiceId, options.ClusterId) = (serviceId, clusterId));
        builder.UseStorage(choice);
        // The converter of grain references needs a silo's services; without one, states hold no grain references.
        builder.Services.AddSingleton<IGrainStorageSerializer, SystemTextJsonGrainStorageSerializer>();
        configure?.Invoke(builder.Services);
        var storage = new OpenedStorage(builder.Services.BuildServiceProvider());
        try
        {
            await storage.Backend.OpenAsync(cancellationToken);
            return storage;
        }
        catch
        {
            await storage.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _provider.DisposeAsync();

    private sealed class Builder : ISiloBuilder
    {
        public IServiceCollection Services { get; } = new ServiceCollection();

        public IConfiguration Configuration { get; } = new ConfigurationBuilder().Build();
    }
}
