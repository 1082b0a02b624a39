namespace GitOpsGrains.Storage.Sqlite;

/// <summary>One queued piece of work on a database thread, and the promise of its result.</summary>
internal abstract class SqliteOperation(long bytes, CancellationToken cancellationToken)
{
    /// <summary>About how many bytes it carries; bounds a transaction.</summary>
    public long Bytes => bytes;

    /// <summary>True when nobody waits any more, and the work may be left out because it has not begun.</summary>
    public bool IsAbandoned => cancellationToken.IsCancellationRequested;

    protected CancellationToken CancellationToken => cancellationToken;

    /// <summary>Runs the statements. May run again after a rollback, hence it only keeps its result.</summary>
    public abstract void Execute(SqliteSession session);

    public abstract void Complete();

    public abstract void Fail(Exception exception);

    public abstract void Abandon();
}

internal sealed class SqliteOperation<T>(Func<SqliteSession, T> body, long bytes, CancellationToken cancellationToken)
    : SqliteOperation(bytes, cancellationToken)
{
    private readonly TaskCompletionSource<T> _promise = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    public Task<T> Task => _promise.Task;

    public override void Execute(SqliteSession session) => _result = body(session);

    public override void Complete() => _promise.TrySetResult(_result!);

    public override void Fail(Exception exception) => _promise.TrySetException(exception);

    public override void Abandon() => _promise.TrySetCanceled(CancellationToken);
}
