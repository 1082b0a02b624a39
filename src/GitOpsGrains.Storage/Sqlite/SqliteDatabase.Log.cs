using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Storage.Sqlite;

internal sealed partial class SqliteDatabase
{
    [LoggerMessage(6000, LogLevel.Information, "Opened {Path} (schema {Found}, now {Current}, synchronous {Synchronous})")]
    private static partial void LogOpened(ILogger logger, string path, int found, int current, SqliteSynchronous synchronous);

    [LoggerMessage(6001, LogLevel.Information, "Closed {Path} after draining it in {Milliseconds:F0} ms")]
    private static partial void LogClosed(ILogger logger, string path, double milliseconds);

    [LoggerMessage(6002, LogLevel.Warning, "The log of {Path} could not be moved into the file; it stays beside it")]
    private static partial void LogCheckpointFailed(ILogger logger, Exception exception, string path);
}
