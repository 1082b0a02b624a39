using GitOpsGrains.Storage.Directories;
using GitOpsGrains.Storage.Manifests;
using GitOpsGrains.Storage.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Serialization.Serializers;
using Orleans.Storage;

namespace GitOpsGrains.Storage.Hosting;

/// <summary>The open data directory: its lock, <c>state.db</c> and <c>manifests.db</c>.</summary>
public sealed class EmbeddedStorage : StorageBackend
{
    private readonly string _directory;
    private readonly TimeProvider _time;
    private DataDirectoryLock? _lock;

    public EmbeddedStorage(
        IOptions<EmbeddedStorageOptions> options, IOptions<ClusterOptions> cluster, IGrainStorageSerializer serializer, IActivatorProvider activators,
        TimeProvider time, ILogger<EmbeddedStorage> logger)
    {
        _directory = Path.GetFullPath(options.Value.DataDirectory);
        _time = time;
        StateDatabase = new SqliteDatabase(Describe(options.Value, "state.db"), time, logger);
        ManifestDatabase = new SqliteDatabase(Describe(options.Value, "manifests.db"), time, logger);
        State = Open("state", StateDatabase, cluster, serializer, activators);
        Manifests = Open("manifests", ManifestDatabase, cluster, new ManifestRecordSerializer(serializer), activators);
    }

    internal override IGrainStorage State { get; }

    internal override IGrainStorage Manifests { get; }

    internal override string KeyDirectory => Path.Combine(_directory, "keys");

    public override StorageFault? Fault => StateDatabase.Fault ?? ManifestDatabase.Fault;

    internal SqliteDatabase StateDatabase { get; }

    internal SqliteDatabase ManifestDatabase { get; }

    /// <summary>Takes the directory for this process and opens the databases.</summary>
    /// <exception cref="DataDirectoryInUseException">Another process has it.</exception>
    /// <exception cref="EmbeddedStorageException">A database is damaged, foreign, or newer than this program.</exception>
    public override async Task OpenAsync(CancellationToken cancellationToken)
    {
        _lock = DataDirectoryLock.Acquire(_directory, _time);
        try
        {
            await StateDatabase.OpenAsync(cancellationToken);
            await ManifestDatabase.OpenAsync(cancellationToken);
        }
        catch
        {
            await CloseAsync();
            throw;
        }
    }

    /// <summary>Finishes all queued writes, moves the logs into the files and gives the directory back. Safe to call again.</summary>
    public override async Task CloseAsync()
    {
        await Task.WhenAll(StateDatabase.CloseAsync(), ManifestDatabase.CloseAsync());
        _lock?.Dispose();
        _lock = null;
    }

    private static BoundedGrainStorage Open(
        string store, SqliteDatabase database, IOptions<ClusterOptions> cluster, IGrainStorageSerializer serializer, IActivatorProvider activators) =>
        new(new SqliteGrainStorage(database, cluster.Value.ServiceId, new BoundedSerializer(serializer), activators), store);

    private SqliteDatabaseOptions Describe(EmbeddedStorageOptions options, string file) => new()
    {
        Path = Path.Combine(_directory, file),
        Synchronous = options.Synchronous,
        MaxBatch = options.MaxBatch,
        QueueCapacity = options.QueueCapacity,
        Readers = options.Readers,
    };
}
