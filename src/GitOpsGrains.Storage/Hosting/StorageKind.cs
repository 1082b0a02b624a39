namespace GitOpsGrains.Storage.Hosting;

/// <summary>Where a silo keeps what is durable.</summary>
public enum StorageKind
{
    /// <summary>One directory of one machine, for a single silo.</summary>
    Embedded,

    /// <summary>Blobs and tables of an Azure storage account, for any number of silos.</summary>
    AzureStorage,

    /// <summary>A Redis server or cluster, for any number of silos.</summary>
    Redis,
}
