using System.Globalization;
using System.Security.Cryptography;
using GitOpsGrains.Storage.Directories;
using GitOpsGrains.Storage.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Storage.Sqlite;

/// <summary>
/// One SQLite file in WAL mode: one writer thread that commits in groups, a few reader threads, nothing on the caller's
/// thread. An operation completes only after the commit that holds it.
/// </summary>
internal sealed partial class SqliteDatabase(SqliteDatabaseOptions options, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private readonly BoundedWorkQueue<SqliteOperation> _writes = new(options.QueueCapacity);
    private readonly BoundedWorkQueue<SqliteOperation> _reads = new(options.QueueCapacity);
    private readonly List<SqliteSession> _sessions = [];
    private readonly List<Task> _threads = [];
    private readonly string _etagPrefix = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
    private long _etagCounter;
    private int _state;
    private SqliteWriter? _writer;
    private Task _trying = Task.CompletedTask;

    private enum Lifetime { Unopened, Open, Closed }

    public string Path => options.Path;

    /// <summary>
    /// Why the last write failed; null when it didn't. Nobody may have anything to write when it would succeed again: whoever
    /// looks has it tried.
    /// </summary>
    public StorageFault? Fault
    {
        get
        {
            if (_writer?.Fault is not { } fault) return null;
            if (!fault.NeedsRestart && _trying.IsCompleted) _trying = TryWriteAsync();
            return fault;
        }
    }

    /// <summary>Never repeats, not even after a record was deleted and written again.</summary>
    public string NextEtag() =>
        $"{_etagPrefix}-{Interlocked.Increment(ref _etagCounter).ToString("x", CultureInfo.InvariantCulture)}";

    /// <summary>Opens or creates the file, brings its schema forward and starts the threads.</summary>
    /// <exception cref="EmbeddedStorageException">The file is damaged, foreign, newer, or can't be opened.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref _state, (int)Lifetime.Open, (int)Lifetime.Unopened) != (int)Lifetime.Unopened)
            throw new InvalidOperationException($"'{Path}' has been opened before");
        try
        {
            await Task.Run(OpenSessions, cancellationToken);
        }
        catch
        {
            Volatile.Write(ref _state, (int)Lifetime.Closed);
            foreach (var session in _sessions) session.Dispose();
            throw;
        }

        _writer = new SqliteWriter(_sessions[0], options, _writes, time, logger);
        _threads.Add(StartThread(_writer.Run, "storage-writer"));
        foreach (var session in _sessions.Skip(1))
            _threads.Add(StartThread(() => new SqliteReader(session, options.Path, _reads).Run(), "storage-reader"));
    }

    /// <summary>Runs the body inside a group transaction; the result is durable. The body may run twice after a rollback.</summary>
    public Task<T> WriteAsync<T>(Func<SqliteSession, T> body, long bytes, CancellationToken cancellationToken) =>
        EnqueueAsync(_writes, body, bytes, cancellationToken);

    /// <summary>Runs the body on a reader; it sees every acknowledged write.</summary>
    public Task<T> ReadAsync<T>(Func<SqliteSession, T> body, CancellationToken cancellationToken) =>
        EnqueueAsync(_reads, body, 0, cancellationToken);

    /// <summary>Finishes what is queued, moves the log into the file and closes it. Safe to call again.</summary>
    public async Task CloseAsync()
    {
        var before = Interlocked.Exchange(ref _state, (int)Lifetime.Closed);
        if (before != (int)Lifetime.Open) return;
        var start = time.GetTimestamp();
        _writes.Complete();
        _reads.Complete();
        await Task.WhenAll(_threads);
        await Task.Run(CloseSessions);
        LogClosed(logger, Path, time.GetElapsedTime(start).TotalMilliseconds);
    }

    public async ValueTask DisposeAsync() => await CloseAsync();

    /// <summary>Its outcome is the writer's to remember.</summary>
    private async Task TryWriteAsync() =>
        await ((Task)WriteAsync(SqliteSchema.Touch, 0, CancellationToken.None)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task<T> EnqueueAsync<T>(
        BoundedWorkQueue<SqliteOperation> queue, Func<SqliteSession, T> body, long bytes, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _state) != (int)Lifetime.Open) throw Closed();
        var operation = new SqliteOperation<T>(body, bytes, cancellationToken);
        if (!await queue.EnqueueAsync(operation, cancellationToken)) throw Closed();
        return await operation.Task;
    }

    private EmbeddedStorageException Closed() =>
        new(EmbeddedStorageFault.Closed, $"'{Path}' is not open: the storage opens when the silo starts and closes when it stops");

    private void OpenSessions()
    {
        try
        {
            CreatePrivateFile();
            var writer = Connect("PRAGMA query_only = OFF; PRAGMA cache_size = -8000");
            var mode = writer.First("PRAGMA journal_mode = WAL", row => row.GetString(0));
            if (mode != "wal")
                throw new EmbeddedStorageException(EmbeddedStorageFault.InputOutput,
                    $"the file system of '{Path}' has no shared memory for SQLite's WAL mode (found '{mode}'); use a local disk");
            writer.Execute($"PRAGMA synchronous = {(options.Synchronous == SqliteSynchronous.Full ? "FULL" : "NORMAL")}");
            writer.Execute("PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON; PRAGMA journal_size_limit = 67108864; PRAGMA wal_autocheckpoint = 4000");
            var found = SqliteSchema.Migrate(writer, Path);
            if (options.MaxPages is { } pages) writer.Execute($"PRAGMA max_page_count = {pages}");
            for (var i = 0; i < options.Readers; i++) Connect("PRAGMA query_only = ON; PRAGMA cache_size = -2000");
            LogOpened(logger, Path, found, SqliteSchema.CurrentVersion, options.Synchronous);
        }
        catch (SqliteException exception)
        {
            throw SqliteFaults.Describe(exception, Path);
        }
    }

    // State may hold what a kubeconfig or a manifest holds: the file and, after it, SQLite's log files are the owner's alone.
    private void CreatePrivateFile()
    {
        if (File.Exists(Path)) return;
        using var file = DataDirectoryLock.CreatePrivateFile(Path);
    }

    private SqliteSession Connect(string pragmas)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = Path,
            Mode = SqliteOpenMode.ReadWrite,
            Pooling = false,
            DefaultTimeout = Math.Max(1, (int)options.LockTimeout.TotalSeconds),
        }.ToString());
        var session = new SqliteSession(connection);
        _sessions.Add(session);
        connection.Open();
        session.Execute(pragmas);
        session.Execute("PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF");
        return session;
    }

    private void CloseSessions()
    {
        foreach (var reader in _sessions.Skip(1)) reader.Dispose();
        try
        {
            _sessions[0].First("PRAGMA wal_checkpoint(TRUNCATE)", row => row.GetInt64(0));
        }
        catch (SqliteException exception)
        {
            // Every acknowledged write is in the log already: the next start reads it from there.
            LogCheckpointFailed(logger, exception, Path);
        }

        _sessions[0].Dispose();
        _writes.Dispose();
        _reads.Dispose();
    }

    private static Task StartThread(Action body, string name) =>
        Task.Factory.StartNew(
            () =>
            {
                Thread.CurrentThread.Name = name;
                body();
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
