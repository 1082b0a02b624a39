namespace GitOpsGrains.Storage.Sqlite;

/// <summary>When a commit is acknowledged.</summary>
public enum SqliteSynchronous
{
    /// <summary>After the flush to the disk: no acknowledged write is lost by a crash or a power failure.</summary>
    Full,

    /// <summary>After the write to the operating system: safe against a crash of the program, not against a power failure.</summary>
    Normal,
}
