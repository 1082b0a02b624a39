namespace GitOpsGrains.Abstractions.Status;

/// <summary>Whether observed and desired state are equal. Unknown: one of them can't be told now.</summary>
[GenerateSerializer, Alias("gog.SyncStatus")]
public enum SyncStatus
{
    Unknown = 0,
    Synced = 1,
    OutOfSync = 2,
}
