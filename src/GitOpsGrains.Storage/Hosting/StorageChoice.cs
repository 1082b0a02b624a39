using GitOpsGrains.Storage.Azure;
using GitOpsGrains.Storage.Redis;

namespace GitOpsGrains.Storage.Hosting;

/// <summary>Which storage, and how it is reached. Immutable, and complete for opening it with or without a silo.</summary>
public sealed record StorageChoice
{
    /// <summary>Default: Embedded.</summary>
    public StorageKind Kind { get; init; } = StorageKind.Embedded;

    /// <summary>Of the embedded kind: the directory. Default: ./data.</summary>
    public string DataDirectory { get; init; } = "./data";

    /// <summary>
    /// Of the other kinds: a directory that all silos share, outside of the storage, with the keys that open what is stored.
    /// The embedded kind keeps them in its data directory.
    /// </summary>
    public string? KeyDirectory { get; init; }

    /// <summary>Of the kind AzureStorage.</summary>
    public AzureStorageOptions Azure { get; init; } = new();

    /// <summary>Of the kind Redis.</summary>
    public RedisOptions Redis { get; init; } = new();

    /// <summary>What is wrong with the choice, as a sentence without secrets; null when nothing is.</summary>
    public string? FindFault() => FindConnectionFault() ?? (Kind == StorageKind.Embedded ? null : FindKeyFault());

    /// <summary>The same for a client, which opens nothing of what is stored.</summary>
    public string? FindConnectionFault() => Kind switch
    {
        StorageKind.AzureStorage => Azure.FindFault(),
        StorageKind.Redis => Redis.FindFault(),
        _ => null,
    };

    // Never created here: a directory that was not mounted would become a key ring of this silo alone.
    private string? FindKeyFault() =>
        string.IsNullOrEmpty(KeyDirectory) ? $"Storage:KeyDirectory is required with Storage:Kind={Kind}: a directory that all silos share, for the keys that open what is stored"
        : !Directory.Exists(KeyDirectory) ? $"Storage:KeyDirectory: there is no directory '{KeyDirectory}'"
        : null;
}
