using GitOpsGrains.Storage.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace GitOpsGrains.Storage.Azure;

/// <summary>The front door of Azure storage.</summary>
public static class AzureStorageExtensions
{
    /// <summary>Keeps grain state and manifest sets in blobs, reminders and the membership of silos in tables; by the official providers.</summary>
    public static ISiloBuilder UseAzureStorage(this ISiloBuilder builder, AzureStorageOptions options, string keyDirectory)
    {
        builder.Services.AddClients(options);
        builder.AddSharedKeyRing(keyDirectory).AddBackend<AzureStorage>();
        builder.UseAzureTableReminderService(reminders => reminders.Configure<AzureClients>((table, clients) =>
            (table.TableServiceClient, table.TableName) = (clients.Tables, AzureStorage.ReminderTable)));
        return builder.UseAzureStorageClustering(clustering => clustering.Configure<AzureClients>((table, clients) => table.TableServiceClient = clients.Tables));
    }

    /// <summary>Lets a client find the silos of its cluster id in the account's tables.</summary>
    public static IClientBuilder UseAzureStorageClustering(this IClientBuilder builder, AzureStorageOptions options)
    {
        builder.Services.AddClients(options);
        return builder.UseAzureStorageClustering(clustering => clustering.Configure<AzureClients>((table, clients) => table.TableServiceClient = clients.Tables));
    }

    private static void AddClients(this IServiceCollection services, AzureStorageOptions options)
    {
        services.Configure<AzureStorageSetup>(setup => setup.Options = options);
        services.TryAddSingleton<AzureClients>();
    }
}
