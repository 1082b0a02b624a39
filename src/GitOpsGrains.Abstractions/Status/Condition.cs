using GitOpsGrains.Abstractions.Identity;

namespace GitOpsGrains.Abstractions.Status;

/// <summary>
/// Something a person should know about a repository, cluster, application or target, until it is no longer so.
/// <see cref="Type"/> is a CamelCase word of <see cref="ConditionTypes"/>; the position is set where a file caused it.
/// Never holds a secret.
/// </summary>
[GenerateSerializer, Immutable, Alias("gog.Condition")]
public sealed record Condition
{
    [Id(0)] public string Type { get; init; } = "";
    [Id(1)] public string Message { get; init; } = "";
    [Id(2)] public DateTimeOffset Since { get; init; }
    [Id(3)] public string? File { get; init; }
    /// <summary>Zero-based index of the document in <see cref="File"/>.</summary>
    [Id(4)] public int? Document { get; init; }
    [Id(5)] public ResourceId? Object { get; init; }

    /// <summary>Same thing said, whenever it began.</summary>
    public bool SameAs(Condition other) => (this with { Since = default }) == (other with { Since = default });
}

/// <summary>The words of <see cref="Condition.Type"/>.</summary>
public static class ConditionTypes
{
    public const string RepositoryUnreachable = nameof(RepositoryUnreachable);
    /// <summary>The server asks for credentials or refuses those given.</summary>
    public const string RepositoryAccessDenied = nameof(RepositoryAccessDenied);
    public const string RepositoryEmpty = nameof(RepositoryEmpty);
    public const string RepositoryMissing = nameof(RepositoryMissing);
    /// <summary>A secret that the repository refers to is not there or can't be used.</summary>
    public const string SecretMissing = nameof(SecretMissing);
    public const string DiskFull = nameof(DiskFull);
    public const string RevisionMissing = nameof(RevisionMissing);
    public const string RevisionAmbiguous = nameof(RevisionAmbiguous);
    /// <summary>What the repository's verification asks to be signed is not; what was taken before stands.</summary>
    public const string VerificationFailed = nameof(VerificationFailed);
    public const string HistoryRewritten = nameof(HistoryRewritten);
    public const string PathMissing = nameof(PathMissing);
    public const string RenderFailed = nameof(RenderFailed);
    public const string RenderEmpty = nameof(RenderEmpty);
    public const string KindUnknown = nameof(KindUnknown);
    /// <summary>Manifests that depend on the cluster's version or kinds wait until these are known.</summary>
    public const string ClusterAwaited = nameof(ClusterAwaited);
    public const string ClusterMissing = nameof(ClusterMissing);
    public const string ClusterUnreachable = nameof(ClusterUnreachable);
    public const string ClusterUntrusted = nameof(ClusterUntrusted);
    public const string ClusterAccessDenied = nameof(ClusterAccessDenied);
    public const string ClusterIdentityChanged = nameof(ClusterIdentityChanged);
    public const string ClusterDuplicate = nameof(ClusterDuplicate);
    public const string InstallationConflict = nameof(InstallationConflict);
    public const string LeaseForbidden = nameof(LeaseForbidden);
    public const string NotAllowed = nameof(NotAllowed);
    public const string PreflightFailed = nameof(PreflightFailed);
    public const string ApplyFailed = nameof(ApplyFailed);
    /// <summary>What was applied did not become healthy; the sync failed.</summary>
    public const string HealthCheckFailed = nameof(HealthCheckFailed);
    public const string HookFailed = nameof(HookFailed);
    /// <summary>A manifest that is not applied, or not as its author may think.</summary>
    public const string ManifestNotice = nameof(ManifestNotice);
    public const string PartiallyApplied = nameof(PartiallyApplied);
    public const string Restored = nameof(Restored);
    public const string SharedObject = nameof(SharedObject);
    public const string KeptByOther = nameof(KeptByOther);
    public const string Fight = nameof(Fight);
    public const string Autoscaled = nameof(Autoscaled);
    public const string ForeignFields = nameof(ForeignFields);
    public const string PruneHeld = nameof(PruneHeld);
    public const string PruneFailed = nameof(PruneFailed);
    public const string DeletionBlocked = nameof(DeletionBlocked);
    public const string Suspended = nameof(Suspended);
    public const string SyncWindow = nameof(SyncWindow);
    public const string TimedOut = nameof(TimedOut);
    public const string ObservationStale = nameof(ObservationStale);
}
