namespace GitOpsGrains.Storage.Backup;

/// <summary>What an archive says of itself, in its first entry <c>backup.json</c>.</summary>
public sealed record BackupDescription
{
    public const int CurrentFormat = 1;

    public int Format { get; init; } = CurrentFormat;

    /// <summary><c>Cluster:ServiceId</c> of the installation: records are found under it alone.</summary>
    public string ServiceId { get; init; } = "";

    public DateTimeOffset TakenAt { get; init; }

    /// <summary>Records of grains.</summary>
    public long States { get; init; }

    /// <summary>Records of the manifest store.</summary>
    public long ManifestRecords { get; init; }

    public long Reminders { get; init; }

    public long Bytes { get; init; }

    /// <summary>Of all records with their names; what is unpacked must have the same.</summary>
    public string Digest { get; init; } = "";

    /// <summary>Whether the key ring is in the archive; without it the archive opens nothing that is secret.</summary>
    public bool HasKeys { get; init; }
}
