using System.Globalization;

namespace GitOpsGrains.Storage.Directories;

/// <summary>Another process works in the data directory.</summary>
public sealed class DataDirectoryInUseException(string directory, int? processId, DateTimeOffset? startedAt, Exception? innerException)
    : IOException(Describe(directory, processId, startedAt), innerException)
{
    public string Directory { get; } = directory;

    /// <summary>The process that holds the lock; null when it has not said so yet.</summary>
    public int? ProcessId { get; } = processId;

    /// <summary>When the holder took the lock.</summary>
    public DateTimeOffset? StartedAt { get; } = startedAt;

    private static string Describe(string directory, int? processId, DateTimeOffset? startedAt) =>
        $"the data directory '{directory}' is in use by "
        + (processId is { } id ? $"process {id.ToString(CultureInfo.InvariantCulture)}" : "another process")
        + (startedAt is { } time ? $" since {time.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)}" : "")
        + "; stop it first, or choose another directory";
}
