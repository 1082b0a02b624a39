namespace GitOpsGrains.Storage;

/// <summary>Why the embedded storage refused. Only <see cref="Full"/>, <see cref="Busy"/> and <see cref="InputOutput"/> may go away by themselves.</summary>
public enum EmbeddedStorageFault
{
    /// <summary>The disk (or its quota) has no room left: nothing of the operation was stored, later ones are tried again.</summary>
    Full,

    /// <summary>The file is damaged: every later write is refused until a restart with a restored file.</summary>
    Corrupt,

    /// <summary>A read or a write failed in the operating system: nothing of the operation was acknowledged.</summary>
    InputOutput,

    /// <summary>A flush to the disk failed, so what the file holds is unknown: every later write is refused until a restart.</summary>
    FlushFailed,

    /// <summary>Another program holds a lock on the database file.</summary>
    Busy,

    /// <summary>The storage is not open yet, or closed already.</summary>
    Closed,

    /// <summary>The file was written by a newer version of the program.</summary>
    SchemaTooNew,

    /// <summary>The file is not a database of this program.</summary>
    ForeignFile,

    /// <summary>The database refused a statement for another reason; the inner exception names it.</summary>
    Refused,
}
