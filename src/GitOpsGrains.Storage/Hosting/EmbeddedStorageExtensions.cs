using GitOpsGrains.Storage.Manifests;
using GitOpsGrains.Storage.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace GitOpsGrains.Storage.Hosting;

/// <summary>The front door of the embedded storage.</summary>
public static class EmbeddedStorageExtensions
{
    /// <summary>The provider name that this project's grains ask for; the default provider is the same storage.</summary>
    public const string StateProviderName = "state";

    /// <summary>
    /// Keeps grain state, reminders and manifest sets in one directory of this machine, for a single silo: the default and the
    /// "state" <see cref="Orleans.Storage.IGrainStorage"/>, the reminder table and the manifest store. The silo's start fails with a
    /// <see cref="Directories.DataDirectoryInUseException"/> when another process has the directory.
    /// </summary>
    public static ISiloBuilder UseEmbeddedStorage(this ISiloBuilder builder, Action<EmbeddedStorageOptions> configure)
    {
        var services = builder.Services;
        services.AddOptions<EmbeddedStorageOptions>().Configure(configure).ValidateDataAnnotations().ValidateOnStart();
        builder.AddBackend<EmbeddedStorage>();
        services.AddSingleton<IReminderTable>(provider => new SqliteReminderTable(
            provider.GetRequiredService<EmbeddedStorage>().StateDatabase, provider.GetRequiredService<IOptions<ClusterOptions>>().Value.ServiceId));
        return builder;
    }
}
