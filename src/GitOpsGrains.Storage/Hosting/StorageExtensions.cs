using GitOpsGrains.Storage.Azure;
using GitOpsGrains.Storage.Redis;
using Microsoft.Extensions.DependencyInjection;

namespace GitOpsGrains.Storage.Hosting;

/// <summary>The front door: one choice says where a silo keeps everything, and where a client finds the silos.</summary>
public static class StorageExtensions
{
    /// <summary>
    /// Grain state, reminders, manifest sets, the key ring and, outside the embedded kind, the membership of silos. The embedded
    /// kind is for one silo, whose clustering the caller adds.
    /// </summary>
    /// <exception cref="StorageSettingsException">The choice is not complete.</exception>
    public static ISiloBuilder UseStorage(this ISiloBuilder builder, StorageChoice choice)
    {
        Require(choice.FindFault());
        builder.Services.AddSingleton<IPersistentStateFactory, StatesReadAnew>();
        StorageInstruments.Publish();
        return choice.Kind switch
        {
            StorageKind.AzureStorage => builder.UseAzureStorage(choice.Azure, choice.KeyDirectory!),
            StorageKind.Redis => builder.UseRedis(choice.Redis, choice.KeyDirectory!),
            _ => builder.UseEmbeddedStorage(options => options.DataDirectory = choice.DataDirectory),
        };
    }

    /// <summary>Lets a client find the silos through the storage that they share; not for the embedded kind, which has one silo.</summary>
    /// <exception cref="StorageSettingsException">The choice is not complete.</exception>
    public static IClientBuilder UseStorageClustering(this IClientBuilder builder, StorageChoice choice)
    {
        Require(choice.FindConnectionFault());
        return choice.Kind switch
        {
            StorageKind.AzureStorage => builder.UseAzureStorageClustering(choice.Azure),
            StorageKind.Redis => builder.UseRedisClustering(choice.Redis),
            _ => throw new StorageSettingsException("the embedded storage has one silo, and a client needs its address"),
        };
    }

    private static void Require(string? fault)
    {
        if (fault is not null) throw new StorageSettingsException(fault);
    }
}
