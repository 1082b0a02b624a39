using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Storage.Sqlite;

internal sealed partial class SqliteWriter
{
    [LoggerMessage(6010, LogLevel.Warning, "A commit of {Count} operations to {Path} took {Milliseconds:F0} ms")]
    private static partial void LogSlowCommit(ILogger logger, string path, int count, double milliseconds);

    [LoggerMessage(6011, LogLevel.Error, "A transaction of {Count} operations on {Path} failed and was rolled back")]
    private static partial void LogFailed(ILogger logger, Exception exception, string path, int count);

    [LoggerMessage(6012, LogLevel.Debug, "The failed transaction on {Path} had ended by itself")]
    private static partial void LogNothingToRollBack(ILogger logger, string path);
}
