using GitOpsGrains.Storage.Azure;
using GitOpsGrains.Storage.Hosting;
using GitOpsGrains.Storage.Redis;
using GitOpsGrains.Testing.Kubernetes;
using GitOpsGrains.Testing.Storage;

namespace GitOpsGrains.Storage.Tests.Conformance;

/// <summary>A storage on the servers of this test process, under a service id of its own.</summary>
internal static class SharedStorage
{
    /// <summary>Fits all backends' names.</summary>
    public static string NewServiceId() => $"test-{Guid.NewGuid():N}"[..24];

    public static async Task<StorageChoice> AzureAsync() => new()
    {
        Kind = StorageKind.AzureStorage,
        KeyDirectory = TestFolder.New("keys"),
        Azure = new AzureStorageOptions { ConnectionString = (await Azurite.SharedAsync()).ConnectionString },
    };

    public static async Task<StorageChoice> RedisAsync() => new()
    {
        Kind = StorageKind.Redis,
        KeyDirectory = TestFolder.New("keys"),
        Redis = new RedisOptions { ConnectionString = (await RedisServer.SharedAsync()).ConnectionString },
    };

    public static async Task<OpenedStorage> OpenAsync(StorageChoice choice, string? serviceId = null, string? clusterId = null)
    {
        var id = serviceId ?? NewServiceId();
        return await OpenedStorage.OpenAsync(choice, id, clusterId ?? id, cancellationToken: TestContext.Current.CancellationToken);
    }
}
