using Microsoft.Data.Sqlite;

namespace GitOpsGrains.Storage.Sqlite;

/// <summary>One reader thread: takes a read, runs it, answers.</summary>
internal sealed class SqliteReader(SqliteSession session, string path, BoundedWorkQueue<SqliteOperation> queue)
{
    public void Run()
    {
        var batch = new List<SqliteOperation>(1);
        while (queue.Take(batch, 1, long.MaxValue, operation => operation.Bytes))
        {
            Answer(batch[0]);
            batch.Clear();
        }
    }

    private void Answer(SqliteOperation operation)
    {
        if (operation.IsAbandoned)
        {
            operation.Abandon();
            return;
        }

        try
        {
            operation.Execute(session);
            operation.Complete();
        }
        catch (SqliteException exception)
        {
            operation.Fail(SqliteFaults.Describe(exception, path));
        }
        catch (Exception exception)
        {
            operation.Fail(exception);
        }
    }
}
