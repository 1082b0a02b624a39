using GitOpsGrains.Abstractions.Ports.Manifests;
using GitOpsGrains.Storage.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Storage;
using Microsoft.Extensions.Configuration;
using Orleans.Hosting;

namespace GitOpsGrains.Storage.CrashChild;

/// <summary>The embedded storage as a silo registers it, opened without a silo.</summary>
public sealed class EmbeddedServices : IAsyncDisposable
{
    private readonly ServiceProvider _provider;

    private EmbeddedServices(ServiceProvider provider) => _provider = provider;

    public IServiceProvider Provider => _provider;

    public IGrainStorage Grains => _provider.GetRequiredKeyedService<IGrainStorage>(EmbeddedStorageExtensions.StateProviderName);

    public IReminderTable Reminders => _provider.GetRequiredService<IReminderTable>();

    public IManifestStore Manifests => _provider.GetRequiredService<IManifestStore>();

    public static async Task<EmbeddedServices> OpenAsync(
        string directory, Action<EmbeddedStorageOptions>? configure = null, string serviceId = "test/service")
    {
        var builder = new Builder();
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.None));
        builder.Services.AddSerializer();
        builder.Services.Configure<ClusterOptions>(options => options.ServiceId = serviceId);
        builder.UseEmbeddedStorage(options =>
        {
            options.DataDirectory = directory;
            configure?.Invoke(options);
        });
        // The grain reference converter needs a silo's services; without one, states hold no grain references.
        builder.Services.AddSingleton<IGrainStorageSerializer, SystemTextJsonGrainStorageSerializer>();
        var services = new EmbeddedServices(builder.Services.BuildServiceProvider());
        try
        {
            await services._provider.GetRequiredService<EmbeddedStorage>().OpenAsync(CancellationToken.None);
            return services;
        }
        catch
        {
            await services.DisposeAsync();
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
