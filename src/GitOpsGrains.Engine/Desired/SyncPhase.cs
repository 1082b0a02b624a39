namespace GitOpsGrains.Engine.Desired;

/// <summary>The parts of a sync in their order (Argo CD, sync-waves.md); the last two belong to the deletion of an application.</summary>
public enum SyncPhase
{
    PreSync = -1,
    Sync = 0,
    PostSync = 1,
    /// <summary>After a failure, instead of what was still to come.</summary>
    SyncFail = 2,
    PreDelete = 3,
    PostDelete = 4,
}
