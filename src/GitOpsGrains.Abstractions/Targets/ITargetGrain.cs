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

    /// <summary>Lets the held prunes go on that the references name; with none of them, all that are held.</summary>
    [AlwaysInterleave, Alias("Approve")]
    Task ApproveAsync(string operationId, IReadOnlyList<ObjectReference> objects);

    /// <summary>The prunes that wait for a person.</summary>
    [AlwaysInterleave, Alias("GetHeld")]
    Task<IReadOnlyList<TargetOperationObject>> GetHeldAsync();

    /// <summary>
    /// Puts back deleted objects that are not there now, as objects that Git does not desire: the next prune leaves them, until
    /// Git has them again. Waits for a sync that runs. Never overwrites an object.
    /// </summary>
    [AlwaysInterleave, ResponseTimeout(AnswerTimes.Longest), Alias("Restore")]
    Task<TargetRestoreResult> RestoreAsync(TargetRestoreOrder order);

    /// <summary>What was deleted and can be restored, newest first; at most <paramref name="limit"/> objects.</summary>
    [AlwaysInterleave, ResponseTimeout(AnswerTimes.Longest), Alias("GetTombstones")]
    Task<IReadOnlyList<TombstoneView>> GetTombstonesAsync(int limit);

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

    /// <summary>
    /// The manifests that this target is to have, or had at a revision of its history, in pages. The cluster is not asked. Errors:
    /// <see cref="GrainRefusedException"/> where there are none, or they are not kept any more.
    /// </summary>
    [AlwaysInterleave, ResponseTimeout(AnswerTimes.Longest), Alias("GetManifests")]
    Task<ManifestsView> GetManifestsAsync(ManifestsQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// What the cluster tells of this target's objects and of what they own, read now by a bounded number of requests. Errors:
    /// <see cref="GrainRefusedException"/> where it can't be asked.
    /// </summary>
    [AlwaysInterleave, ResponseTimeout(AnswerTimes.Longest), Alias("GetEvents")]
    Task<EventsView> GetEventsAsync(EventsQuery query, CancellationToken cancellationToken);

    /// <summary>The last lines of a pod that is this target's object, or owned by one. Errors: <see cref="GrainRefusedException"/>.</summary>
    [AlwaysInterleave, ResponseTimeout(AnswerTimes.Longest), Alias("GetLogs")]
    Task<LogsView> GetLogsAsync(LogsQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// The actions that an object of this target has at the moment. Errors: <see cref="GrainRefusedException"/> where the
    /// object is not ours, the cluster can't be asked, or a script fails.
    /// </summary>
    [AlwaysInterleave, Alias("GetActions")]
    Task<IReadOnlyList<ActionView>> GetActionsAsync(ResourceId id, CancellationToken cancellationToken);

    /// <summary>Runs an action and writes what it changed; returns a sentence. Errors: <see cref="GrainRefusedException"/>; nothing was written then.</summary>
    [AlwaysInterleave, Alias("RunAction")]
    Task<string> RunActionAsync(ResourceId id, string action, CancellationToken cancellationToken);

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
    /// <summary>The project's sync windows that concern the application.</summary>
    [Id(9)] public IReadOnlyList<SyncWindowSpec> Windows { get; init; } = [];
    [Id(20)] public IReadOnlyList<IgnoreDifference> IgnoreDifferences { get; init; } = [];
    /// <summary>What the set was rendered with, to render it again.</summary>
    [Id(21)] public RenderScope Scope { get; init; } = new();
    /// <summary>All sources where there are several; else there is only <see cref="Source"/> at <see cref="Revision"/>.</summary>
    [Id(22)] public IReadOnlyList<SourceRevision> Sources { get; init; } = [];

    /// <summary>Rises with every change of anything but the revision and what was rendered from it; 0: not told.</summary>
    [Id(23)] public long PolicySequence { get; init; }

    public RenderSubject ToSubject() => Sources.Count == 0
        ? RenderSubject.Of(Source, Revision.Commit, Scope)
        : new RenderSubject { Sources = [.. Sources.Select(item => new PinnedSource { Source = item.Source, Commit = item.Revision.Commit })], Scope = Scope };
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
    /// <summary>Only these objects; empty: all. Of selected objects no hook runs, and only they may be pruned.</summary>
    [Id(3)] public IReadOnlyList<ObjectReference> Objects { get; init; } = [];
    /// <summary>In place of the document's: one of <see cref="FailurePolicies"/>; null: the document's.</summary>
    [Id(4)] public string? OnFailure { get; init; }
    /// <summary>Sync windows do not hold it.</summary>
    [Id(5)] public bool OverrideWindow { get; init; }
    /// <summary>Words of <see cref="SyncOptions"/> that come on top of the document's, for this operation.</summary>
    [Id(6)] public IReadOnlyList<string> Options { get; init; } = [];
    /// <summary>An approval of prunes: what was synced is not run through anew.</summary>
    [Id(20)] public bool WithoutHooks { get; init; }

    public bool Selects(ResourceId id) => Objects.Count == 0 || Objects.Any(reference => reference.Matches(id));
}

[GenerateSerializer, Immutable, Alias("gog.TargetReleaseOrder")]
public sealed record TargetReleaseOrder
{
    [Id(0)] public string OperationId { get; init; } = "";
    [Id(1)] public Cascade Cascade { get; init; }
    /// <summary>With <see cref="Cascade.Keep"/> only: the cluster is not touched, and what is there is left behind as it is.</summary>
    [Id(2)] public bool Force { get; init; }
}

/// <summary>What an application needs to know of a target to roll it up.</summary>
[GenerateSerializer, Immutable, Alias("gog.TargetSummary")]
public sealed record TargetSummary
{
    [Id(0)] public string Cluster { get; init; } = "";
    /// <summary>Rises with every summary of an activation.</summary>
    [Id(1)] public long Version { get; init; }
    [Id(2)] public SyncStatus Sync { get; init; }
    [Id(3)] public HealthStatus Health { get; init; } = HealthStatus.Unknown;
    [Id(4)] public string Commit { get; init; } = "";
    [Id(5)] public int Objects { get; init; }
    [Id(6)] public IReadOnlyList<Condition> Conditions { get; init; } = [];
    [Id(7)] public TargetOperation? Operation { get; init; }
    /// <summary>Beside <see cref="Operation"/>: a sync between its tries that a later operation leaves waiting, such as a dry run, or else the one that ended before; null when there is none.</summary>
    [Id(23)] public TargetOperation? Earlier { get; init; }
    /// <summary>Nothing of this target is left in our hands.</summary>
    [Id(8)] public bool Released { get; init; }
    /// <summary>When the cluster was last known to be as said here; null: never.</summary>
    [Id(9)] public DateTimeOffset? ObservedAt { get; init; }
    [Id(10)] public long DesiredSequence { get; init; }
    /// <summary>The operation that was asked for and has not begun; "" if none waits.</summary>
    [Id(21)] public string Ordered { get; init; } = "";
    /// <summary>Of a target that let go without its cluster: what it left there, for people; "" when nothing was.</summary>
    [Id(20)] public string LeftBehind { get; init; } = "";
    /// <summary>Of the target's activation that says this.</summary>
    [Id(22)] public Guid Activation { get; init; }

    /// <summary>Answers may come in another order than they were given in: what was said before this one is past.</summary>
    public bool IsNewerThan(TargetSummary? other) => other is null || Activation != other.Activation || Version > other.Version;

    /// <summary>Nothing but the time of the look has changed.</summary>
    public bool SaysTheSameAs(TargetSummary other) => Conditions.SequenceEqual(other.Conditions)
        && this with { Version = 0, ObservedAt = null, Conditions = [] } == other with { Version = 0, ObservedAt = null, Conditions = [] };

    /// <summary>The operation of this id, as far as the target still knows it; else null.</summary>
    public TargetOperation? OperationOf(string id) => Operation?.Id == id ? Operation : Earlier?.Id == id ? Earlier : null;
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
    /// <summary>What came of it, or would; <see cref="TargetOperationObject.Bounded"/> keeps it small enough for the target's state.</summary>
    [Id(8)] public IReadOnlyList<TargetOperationObject> Objects { get; init; } = [];
    /// <summary>Which attempt this is; 1 is the first, 0: not counted.</summary>
    [Id(9)] public int Attempt { get; init; }
    /// <summary>When the next attempt begins, while the operation waits for it.</summary>
    [Id(10)] public DateTimeOffset? NextAttempt { get; init; }

    public bool IsOver => Phase is OperationPhase.Succeeded or OperationPhase.Failed or OperationPhase.Terminated;
}
