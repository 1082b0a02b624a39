namespace GitOpsGrains.Storage.Sqlite;

/// <summary>How one database file is opened and fed.</summary>
internal sealed record SqliteDatabaseOptions
{
    public required string Path { get; init; }

    public SqliteSynchronous Synchronous { get; init; } = SqliteSynchronous.Full;

    /// <summary>Operations in one transaction, at most.</summary>
    public int MaxBatch { get; init; } = 256;

    /// <summary>Bytes in one transaction; one larger operation still goes alone.</summary>
    public long MaxBatchBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>
    /// After a transaction of at least <see cref="BusyBatch"/> operations the next one waits so long for more of them: each costs a flush of the
    /// disk, and the wake of every thread that it answers. What comes alone never waits.
    /// </summary>
    public TimeSpan Gather { get; init; } = TimeSpan.FromMilliseconds(3);

    /// <summary>See <see cref="Gather"/>.</summary>
    public int BusyBatch { get; init; } = 8;

    /// <summary>Operations that wait for a thread; more of them wait for room.</summary>
    public int QueueCapacity { get; init; } = 4096;

    /// <summary>Reader threads, each with a connection.</summary>
    public int Readers { get; init; } = 2;

    /// <summary>Pages of 4 KiB that the file may have; null = as SQLite allows. Stands for a full disk in tests.</summary>
    public long? MaxPages { get; init; }

    /// <summary>How long a statement waits for another program's lock.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
