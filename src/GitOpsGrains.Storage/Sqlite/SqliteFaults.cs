using Microsoft.Data.Sqlite;

namespace GitOpsGrains.Storage.Sqlite;

/// <summary>Says in words what an SQLite error code means for the storage.</summary>
internal static class SqliteFaults
{
    // https://www.sqlite.org/rescode.html
    private const int Busy = 5, Locked = 6, IoError = 10, Corrupt = 11, Full = 13, CantOpen = 14, NotADatabase = 26;
    private const int IoErrorFsync = IoError | (4 << 8), IoErrorDirFsync = IoError | (5 << 8);

    public static EmbeddedStorageException Describe(SqliteException exception, string path)
    {
        var fault = FaultOf(exception);
        return new EmbeddedStorageException(fault, $"{Explain(fault, path)} (SQLite error {exception.SqliteExtendedErrorCode})", exception);
    }

    /// <summary>After these faults nobody can say what the file holds: no later write may be acknowledged.</summary>
    public static bool IsFatal(EmbeddedStorageFault fault) =>
        fault is EmbeddedStorageFault.Corrupt or EmbeddedStorageFault.FlushFailed;

    /// <summary>Other writes will fail as well.</summary>
    public static bool IsOfAll(EmbeddedStorageFault fault) =>
        IsFatal(fault) || fault is EmbeddedStorageFault.Full or EmbeddedStorageFault.Busy or EmbeddedStorageFault.InputOutput;

    private static EmbeddedStorageFault FaultOf(SqliteException exception) => exception.SqliteErrorCode switch
    {
        Full => EmbeddedStorageFault.Full,
        Corrupt => EmbeddedStorageFault.Corrupt,
        NotADatabase => EmbeddedStorageFault.Corrupt,
        Busy or Locked => EmbeddedStorageFault.Busy,
        IoError when exception.SqliteExtendedErrorCode is IoErrorFsync or IoErrorDirFsync => EmbeddedStorageFault.FlushFailed,
        IoError or CantOpen => EmbeddedStorageFault.InputOutput,
        _ => EmbeddedStorageFault.Refused,
    };

    private static string Explain(EmbeddedStorageFault fault, string path) => fault switch
    {
        EmbeddedStorageFault.Full => $"no room left on the disk for '{path}'; nothing was stored. Free some space, the next write is tried again",
        EmbeddedStorageFault.Corrupt => $"the database file '{path}' is damaged. Stop the program and restore the data directory from a backup",
        EmbeddedStorageFault.Busy => $"another program holds a lock on '{path}'; close it",
        EmbeddedStorageFault.FlushFailed => $"the disk failed to flush '{path}'. Check the disk and restart; writes are refused until then",
        EmbeddedStorageFault.InputOutput => $"the operating system refused to read or write '{path}'",
        _ => $"the database '{path}' refused a statement",
    };
}
