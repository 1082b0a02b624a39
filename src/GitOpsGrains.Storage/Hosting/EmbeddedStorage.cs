using GitOpsGrains.Storage.Directories;
using GitOpsGrains.Storage.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GitOpsGrains.Storage.Hosting;

/// <summary>
/// The open data directory: its lock, <c>state.db</c> and <c>manifests.db</c>. Opens with the silo before any grain, closes
/// after the last one.
/// </summary>
public sealed class EmbeddedStorage : ILifecycleParticipant<ISiloLifecycle>, IAsyncDisposable
{
    private readonly string _directory;
    private readonly TimeProvider _time;
    private DataDirectoryLock? _lock;

    public EmbeddedStorage(IOptions<EmbeddedStorageOptions> options, TimeProvider time, ILogger<EmbeddedStorage> logger)
    {
        _directory = Path.GetFullPath(options.Value.DataDirectory);
        _time = time;
        State = new SqliteDatabase(Describe(options.Value, "state.db"), time, logger);
        Manifests = new SqliteDatabase(Describe(options.Value, "manifests.db"), time, logger);
    }

    internal SqliteDatabase State { get; }

    internal SqliteDatabase Manifests { get; }

    internal string KeyDirectory => Path.Combine(_directory, "keys");

    /// <summary>Takes the directory for this process and opens the databases.</summary>
    /// <exception cref="DataDirectoryInUseException">Another process has it.</exception>
    /// <exception cref="EmbeddedStorageException">A database is damaged, foreign, or newer than this program.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        _lock = DataDirectoryLock.Acquire(_directory, _time);
        try
        {
            await State.OpenAsync(cancellationToken);
            await Manifests.OpenAsync(cancellationToken);
        }
        catch
        {
            await CloseAsync();
            throw;
        }
    }

    /// <summary>Finishes all queued writes, moves the logs into the files and gives the directory back. Safe to call again.</summary>
    public async Task CloseAsync()
    {
        await Task.WhenAll(State.CloseAsync(), Manifests.CloseAsync());
        _lock?.Dispose();
        _lock = null;
    }

    void ILifecycleParticipant<ISiloLifecycle>.Participate(ISiloLifecycle observer) =>
        observer.Subscribe(nameof(EmbeddedStorage), ServiceLifecycleStage.RuntimeStorageServices, OpenAsync, _ => CloseAsync());

    public async ValueTask DisposeAsync() => await CloseAsync();

    private SqliteDatabaseOptions Describe(EmbeddedStorageOptions options, string file) => new()
    {
        Path = Path.Combine(_directory, file),
        Synchronous = options.Synchronous,
        MaxBatch = options.MaxBatch,
        QueueCapacity = options.QueueCapacity,
        Readers = options.Readers,
    };
}
