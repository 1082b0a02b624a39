using System.ComponentModel.DataAnnotations;
using GitOpsGrains.Storage.Sqlite;

namespace GitOpsGrains.Storage.Hosting;

/// <summary>How the embedded storage keeps its data on one machine.</summary>
public sealed class EmbeddedStorageOptions
{
    /// <summary>Where state.db, manifests.db, keys/ and the lock lie; a local disk. Created with mode 0700. Default: ./data.</summary>
    [Required]
    public string DataDirectory { get; set; } = "./data";

    /// <summary>When a write is acknowledged. Default: Full, after the flush to the disk.</summary>
    public SqliteSynchronous Synchronous { get; set; } = SqliteSynchronous.Full;

    /// <summary>Operations in one transaction, at most. Default: 256.</summary>
    [Range(1, 10_000)]
    public int MaxBatch { get; set; } = 256;

    /// <summary>Operations that may wait per database; more of them wait for room. Default: 4096.</summary>
    [Range(1, 1_000_000)]
    public int QueueCapacity { get; set; } = 4096;

    /// <summary>Reader threads per database. Default: 2.</summary>
    [Range(1, 64)]
    public int Readers { get; set; } = 2;
}
