using GitOpsGrains.Abstractions.Applications;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Rest;
using Orleans.Concurrency;

namespace GitOpsGrains.Abstractions.Targets;

/// <summary>One application on one cluster: plans and runs one sync at a time, and repairs drift. Key: project/name/cluster.</summary>
[Alias("gog.ITargetGrain")]
public interface ITargetGrain : IGrainWithStringKey
{
    /// <summary>
    /// Takes over a new desired state, if it is newer than the one held, and registers its claims with the cluster.
    /// Syncs when the policy is automated or an order comes with it; the operation's end shows in the summary.
    /// Short: the sync itself runs on.
    /// </summary>
    [Alias("SetDesired")]
    Task<TargetSummary> SetDesiredAsync(TargetDesired desired, TargetSyncOrder? order);

    /// <summary>Takes the objects out of our hands: deletes them, or removes our label, annotations and ownership.</summary>
    [Alias("Release")]
    Task ReleaseAsync(TargetReleaseOrder order);

    /// <summary>The periodic check: compares proofs with what is observed; no request when nothing changed.</summary>
    [Alias("Check")]
    Task CheckAsync();

    [AlwaysInterleave, Alias("Terminate")]
    Task TerminateAsync(string reason);

    [AlwaysInterleave, Alias("Approve")]
    Task ApproveAsync(string operationId);

    [AlwaysInterleave, Alias("GetSummary")]
    Task<TargetSummary> GetSummaryAsync();

    /// <summary>With all objects.</summary>
    [AlwaysInterleave, Alias("GetView")]
    Task<TargetView> GetViewAsync();

    /// <summary>What a sync would change, by dry runs. Nothing is written or stored.</summary>
    /// <param name="revision">Another revision than the desired one; null: the desired one.</param>
    [AlwaysInterleave, ResponseTimeout(AnswerTimes.Longest), Alias("GetDiff")]
    Task<TargetDiffView> GetDiffAsync(RenderedRevision? revision, CancellationToken cancellationToken);

    [AlwaysInterleave, Alias("GetHistory")]
    Task<IReadOnlyList<HistoryView>> GetHistoryAsync();

    /// <summary>Connects to the cluster again after a start of the silo, unfinished work first.</summary>
    [Alias("Wake")]
    Task WakeAsync();
}

/// <summary>What an application wants on a cluster.</summary>
[GenerateSerializer, Immutable, Alias("gog.TargetDesired")]
public sealed record TargetDesired
{
    /// <summary>Rises with every change that the application hands down; a lower one is ignored.</summary>
    [Id(0)] public long Sequence { get; init; }
    [Id(1)] public Revision Revision { get; init; } = new();
    [Id(2)] public Digest SetDigest { get; init; }
    [Id(3)] public SourceSpec Source { get; init; } = new();
    [Id(4)] public string Namespace { get; init; } = "";
    [Id(5)] public SyncSpec Sync { get; init; } = new();
    [Id(6)] public bool Suspended { get; init; }
    [Id(7)] public TimeSpan DeepInterval { get; init; }
    [Id(8)] public AllowedObjects Allowed { get; init; } = new();
    [Id(20)] public IReadOnlyList<IgnoreDifference> IgnoreDifferences { get; init; } = [];
}

/// <summary>What the project lets its applications have: patterns with '*' and '?'.</summary>
[GenerateSerializer, Immutable, Alias("gog.AllowedObjects")]
public sealed record AllowedObjects
{
    [Id(0)] public IReadOnlyList<string> Namespaces { get; init; } = ["*"];
    [Id(1)] public IReadOnlyList<string> Kinds { get; init; } = ["*"];
}

[GenerateSerializer, Immutable, Alias("gog.TargetSyncOrder")]
public sealed record TargetSyncOrder
{
    [Id(0)] public string OperationId { get; init; } = "";
    [Id(1)] public bool Prune { get; init; }
    [Id(2)] public bool DryRun { get; init; }
    /// <summary>An approval of prunes: what was synced is not run through anew.</summary>
    [Id(20)] public bool WithoutHooks { get; init; }
}

[GenerateSerializer, Immutable, Alias("gog.TargetReleaseOrder")]
public sealed record TargetReleaseOrder
{
    [Id(0)] public string OperationId { get; init; } = "";
    [Id(1)] public Cascade Cascade { get; init; }
}

/// <summary>What an application needs to know of a target to roll it up.</summary>
[GenerateSerializer, Immutable, Alias("gog.TargetSummary")]
public sealed record TargetSummary
{
    [Id(0)] public string Cluster { get; init; } = "";
    [Id(1)] public long Version { get; init; }
    [Id(2)] public SyncStatus Sync { get; init; }
    [Id(3)] public HealthStatus Health { get; init; } = HealthStatus.Unknown;
    [Id(4)] public string Commit { get; init; } = "";
    [Id(5)] public int Objects { get; init; }
    [Id(6)] public IReadOnlyList<Condition> Conditions { get; init; } = [];
    [Id(7)] public TargetOperation? Operation { get; init; }
    /// <summary>Nothing of this target is left in our hands.</summary>
    [Id(8)] public bool Released { get; init; }
    /// <summary>When the cluster was last known to be as said here; null: never.</summary>
    [Id(9)] public DateTimeOffset? ObservedAt { get; init; }
    [Id(10)] public long DesiredSequence { get; init; }
}


/// <summary>The running or last operation of a target.</summary>
[GenerateSerializer, Immutable, Alias("gog.TargetOperation")]
public sealed record TargetOperation
{
    [Id(0)] public string Id { get; init; } = "";
    [Id(1)] public OperationPhase Phase { get; init; }
    [Id(2)] public string Message { get; init; } = "";
    [Id(3)] public DateTimeOffset Started { get; init; }
    [Id(4)] public DateTimeOffset? Finished { get; init; }
    [Id(5)] public int Done { get; init; }
    [Id(6)] public int Total { get; init; }
    [Id(7)] public string Commit { get; init; } = "";

    public bool IsOver => Phase is OperationPhase.Succeeded or OperationPhase.Failed or OperationPhase.Terminated;
}
