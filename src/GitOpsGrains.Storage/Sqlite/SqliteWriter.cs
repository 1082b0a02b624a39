using GitOpsGrains.Storage.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Storage.Sqlite;

/// <summary>
/// The writer thread: takes what is queued, runs it in one transaction, commits, and only then answers. Waiting writes
/// gather while a commit flushes, so the groups grow with the load by themselves, and a little longer when there are many.
/// </summary>
internal sealed partial class SqliteWriter(
    SqliteSession session, SqliteDatabaseOptions options, BoundedWorkQueue<SqliteOperation> queue, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan SlowCommit = TimeSpan.FromSeconds(1);
    private EmbeddedStorageException? _fatal;

    /// <summary>Why the last write failed, where that was not its own fault.</summary>
    public StorageFault? Fault { get; private set; }

    public void Run()
    {
        var batch = new List<SqliteOperation>(options.MaxBatch);
        var gather = TimeSpan.Zero;
        while (queue.Take(batch, options.MaxBatch, options.MaxBatchBytes, operation => operation.Bytes, gather))
        {
            gather = batch.Count >= options.BusyBatch ? options.Gather : TimeSpan.Zero;
            batch.RemoveAll(Abandoned);
            if (batch.Count > 0) Commit(batch);
            batch.Clear();
        }
    }

    private static bool Abandoned(SqliteOperation operation)
    {
        if (!operation.IsAbandoned) return false;
        operation.Abandon();
        return true;
    }

    private void Commit(List<SqliteOperation> batch)
    {
        var start = time.GetTimestamp();
        if (TryTransact(batch) is not { } error)
        {
            var elapsed = time.GetElapsedTime(start);
            StorageInstruments.Committed(batch.Count, elapsed);
            if (elapsed > SlowCommit) LogSlowCommit(logger, options.Path, batch.Count, elapsed.TotalMilliseconds);
            foreach (var operation in batch) operation.Complete();
            return;
        }

        if (batch.Count == 1 || _fatal is not null)
        {
            foreach (var operation in batch) operation.Fail(error);
            return;
        }

        // One operation's fault is not its neighbours': they run again, each in its own transaction.
        foreach (var operation in batch)
        {
            if (TryTransact([operation]) is { } own) operation.Fail(own);
            else operation.Complete();
        }
    }

    /// <summary>Null when the batch is durable, else why nothing of it is.</summary>
    private Exception? TryTransact(List<SqliteOperation> batch)
    {
        if (_fatal is not null) return _fatal;
        try
        {
            session.Execute("BEGIN IMMEDIATE");
            foreach (var operation in batch) operation.Execute(session);
            session.Execute("COMMIT");
            Fault = null;
            return null;
        }
        catch (Exception exception)
        {
            var error = exception is SqliteException sqlite ? SqliteFaults.Describe(sqlite, options.Path) : exception;
            LogFailed(logger, error, options.Path, batch.Count);
            if (error is EmbeddedStorageException fault)
            {
                if (SqliteFaults.IsFatal(fault.Fault)) _fatal = fault;
                if (SqliteFaults.IsOfAll(fault.Fault)) Fault = new StorageFault(fault.Message, _fatal is not null);
            }
            RollBack();
            return error;
        }
    }

    private void RollBack()
    {
        try
        {
            session.Execute("ROLLBACK");
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == 1)
        {
            // "no transaction is active": BEGIN failed, or SQLite rolled back by itself, as it does on a full disk.
            LogNothingToRollBack(logger, options.Path);
        }
        catch (SqliteException exception)
        {
            _fatal ??= SqliteFaults.Describe(exception, options.Path);
            Fault = new StorageFault(_fatal.Message, NeedsRestart: true);
            LogFailed(logger, _fatal, options.Path, 0);
        }
    }
}
