using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Grains.Applications;

namespace GitOpsGrains.Grains.Targets;

/// <summary>What one sync has done so far.</summary>
internal sealed class SyncRun(TargetOperation operation, SyncOrder order, TargetDesired desired)
{
    private const int MaxConditions = 20;
    private const int MaxMessageInHistory = 500;

    private readonly List<Written> _outcomes = [];
    private readonly List<Condition> _refused = [];
    private readonly List<(ResourceId Id, ApplyAction Action)> _tried = [];

    public sealed record Written(ResourceId Id, WriteOutcome Outcome, ManifestPosition? Position);

    public TargetOperation Operation { get; } = operation;
    public SyncOrder Order { get; } = order;
    public string Trigger => Order.Trigger;
    public TargetDesired Desired { get; } = desired;
    public SyncOptionSet Options { get; } = new([.. desired.Sync.Options, .. order.Options]);

    /// <summary>One of <see cref="Documents.FailurePolicies"/>.</summary>
    public string OnFailure => Order.OnFailure ?? Desired.Sync.OnFailure;

    /// <summary>What ended the sync that is no refusal of an object: health, a hook, a rule.</summary>
    public Condition? Failure { get; private set; }
    public int Done { get; private set; }
    public Queue<Written> Failed { get; } = new();

    /// <summary>All that was done so far, in order.</summary>
    public IReadOnlyList<Written> Outcomes => _outcomes;

    /// <summary>The time in the names of hooks that have a generateName.</summary>
    public DateTimeOffset HooksSince { get; init; } = operation.Started;

    /// <summary>The commit in those names.</summary>
    public string HooksOf { get; init; } = desired.Revision.Commit;

    /// <summary>Those that this sync had made when a restart interrupted it.</summary>
    public IReadOnlyList<HookRecord> HooksBefore { get; init; } = [];

    /// <summary>Everything is applied and its hooks have run: only health is waited for.</summary>
    public bool IsApplied { get; set; }

    /// <summary>What came of it is said, and will be stored: nothing that fails afterwards changes it.</summary>
    public bool HasEnded { get; set; }

    /// <summary>Objects whose dry run is to be made again: something earlier in the sync may cure what it said.</summary>
    public Dictionary<ResourceId, Deferral> Deferred { get; } = [];

    /// <summary>Notes of prunes, hand-overs and held objects.</summary>
    public List<Condition> Notes { get; } = [];

    /// <summary>The first turn of deletions has come.</summary>
    public bool HasPruned { get; set; }

    /// <summary>Something was written before something else failed, and not all of it.</summary>
    public bool IsPartial => HasRest && _outcomes.Any(done => done.Outcome.Action is ApplyAction.Created or ApplyAction.Configured or ApplyAction.Pruned);

    /// <summary>The result of a try that did not end well, in the words of the history.</summary>
    public string AttemptResult => IsPartial ? "PartiallyApplied" : "Failed";

    /// <summary>Any object was written, deleted, held or handed over.</summary>
    public bool HasChanged => _outcomes.Any(done => done.Outcome.Action is not (ApplyAction.Unchanged or ApplyAction.Skipped));

    public bool HasFailed => Failed.Count > 0 || Failure is not null;

    /// <summary>The preflight found errors: nothing was written.</summary>
    public bool IsRefused => _refused.Count > 0;

    /// <summary>The object failed already.</summary>
    public bool HasRefused(ResourceId id) => Failed.Any(failed => failed.Id == id);

    private bool HasRest => Failed.Count > 0 || Done < Operation.Total;

    /// <summary>Ends the sync with a failure; the first one stands.</summary>
    public void Fail(string type, string message, ResourceId? id = null, ManifestPosition? position = null) =>
        Failure ??= new Condition { Type = type, Message = message, Object = id, File = position?.File, Document = position?.Document };

    /// <summary>What the preflight found: nothing was written.</summary>
    public void Refuse(IReadOnlyList<Refusal> refusals, int tried)
    {
        foreach (var refusal in refusals.OrderBy(refusal => refusal.Apply.Desired.Id))
            _refused.Add(new Condition
            {
                Type = ConditionTypes.PreflightFailed,
                Message = refusal.Message,
                Object = refusal.Apply.Desired.Id,
                File = refusal.Apply.Desired.Position.File,
                Document = refusal.Apply.Desired.Position.Document,
            });
        var first = refusals.MinBy(refusal => refusal.Apply.Desired.Id)!;
        Fail(ConditionTypes.PreflightFailed,
            $"nothing was applied: {refusals.Count} of {tried} objects would be refused; {first.Apply.Desired.Id.Display}: {first.Message}{(refusals.Count > 1 ? $" (and {refusals.Count - 1} more)" : "")}");
    }

    /// <param name="position">Null for an object that is in no file any more.</param>
    public void Add(ResourceId id, WriteOutcome outcome, ManifestPosition? position)
    {
        var written = new Written(id, outcome, position);
        _outcomes.Add(written);
        if (position is not null) Done++;
        if (outcome.Action == ApplyAction.Failed) Failed.Enqueue(written);
    }

    /// <summary>A dry run passed: what the write would do.</summary>
    public void Tried(PlannedApply apply) => _tried.Add((apply.Desired.Id, apply.Observed is null ? ApplyAction.Created : ApplyAction.Configured));

    /// <summary>What people are shown of each object that was written, refused, held or let go.</summary>
    public IReadOnlyList<TargetOperationObject> Results() => TargetOperationObject.Bounded(
        _refused.Select(refused => new TargetOperationObject { Object = refused.Object!.Value, Action = ApplyAction.Failed, Message = refused.Message })
            .Concat(Notes.Where(note => note is { Object: not null, Type: ConditionTypes.PruneHeld or ConditionTypes.PruneFailed }).Select(note => new TargetOperationObject
            {
                Object = note.Object!.Value,
                Action = note.Type == ConditionTypes.PruneHeld ? ApplyAction.Held : ApplyAction.Failed,
                Message = note.Message,
            }))
            .Concat(_outcomes.Select(done => new TargetOperationObject { Object = done.Id, Action = done.Outcome.Action, Message = done.Outcome.Message ?? "" })));

    /// <summary>What a dry run found that a sync would do with each object.</summary>
    public IReadOnlyList<TargetOperationObject> Preview(PreflightVerdict verdict, IReadOnlyList<PlannedApply> applies, IEnumerable<InventoryEntry> prunes) => TargetOperationObject.Bounded(
        verdict.Blocking.Select(refusal => new TargetOperationObject { Object = refusal.Apply.Desired.Id, Action = ApplyAction.Failed, Message = refusal.Message })
            .Concat(_tried.OrderBy(tried => tried.Id).Select(tried => new TargetOperationObject { Object = tried.Id, Action = tried.Action }))
            .Concat(applies.Where(apply => verdict.Deferred.ContainsKey(apply.Desired.Id)).Select(apply => new TargetOperationObject
            {
                Object = apply.Desired.Id,
                Action = apply.Observed is null ? ApplyAction.Created : ApplyAction.Configured,
                Message = "can be tried only in the sync",
            }))
            .Concat(prunes.Select(entry => new TargetOperationObject { Object = entry.Id, Action = ApplyAction.Pruned })));

    public string Summary()
    {
        var parts = _outcomes.Where(done => done.Outcome.Action != ApplyAction.Unchanged)
            .CountBy(done => done.Outcome.Action).OrderBy(count => count.Key).Select(count => $"{count.Value} {Word(count.Key)}").ToArray();
        return parts.Length == 0 ? "nothing to change" : string.Join(", ", parts);
    }

    public string FirstFailure()
    {
        if (Failed.Count == 0) return Failure!.Message;
        var first = Failed.Peek();
        return $"{first.Id.Display}: {first.Outcome.Message}{(Failed.Count > 1 ? $" (and {Failed.Count - 1} more)" : "")}";
    }

    public IReadOnlyList<Condition> Conditions(TimeProvider time)
    {
        var conditions = Failed.Take(MaxConditions).Select(failed => new Condition
        {
            Type = ConditionTypes.ApplyFailed,
            Message = failed.Outcome.Message ?? "failed",
            Object = failed.Id,
            Since = time.GetUtcNow(),
            File = failed.Position?.File,
            Document = failed.Position?.Document,
        }).Concat(_refused.Take(MaxConditions).Select(refused => refused with { Since = time.GetUtcNow() })).Concat(Notes.Take(MaxConditions)).ToList();
        if (Failure is not null && _refused.Count == 0 && Failure.Type != ConditionTypes.SharedObject) conditions.Insert(0, Failure with { Since = time.GetUtcNow() });
        if (HasFailed && IsPartial)
            conditions.Add(new Condition { Type = ConditionTypes.PartiallyApplied, Message = $"{Summary()}; nothing is pruned until the sync succeeds", Since = time.GetUtcNow() });
        return conditions;
    }

    public HistoryView ToHistory(string cluster, string result, string? error, DateTimeOffset finished) => new()
    {
        Id = Operation.Id,
        Cluster = cluster,
        Revision = Desired.Revision.Commit,
        Author = Desired.Revision.Author,
        Message = Cut(Desired.Revision.Message),
        PullRequest = Desired.Revision.PullRequest,
        Sources = SourceRevisions.Of(Desired.Sources),
        Started = Operation.Started,
        Finished = finished,
        Trigger = Trigger,
        Result = result,
        Error = error,
        Objects = [.. _outcomes.Where(done => done.Outcome.Action != ApplyAction.Unchanged).Take(HistoryTries.MaxObjects).Select(done => new HistoryObjectView
        {
            Object = done.Id.ToString(),
            Action = done.Outcome.Action.ToString(),
            Message = done.Outcome.Message,
        })],
    };

    /// <summary>Never through the middle of a character.</summary>
    private static string Cut(string message) => message.Length <= MaxMessageInHistory
        ? message
        : message[..(char.IsHighSurrogate(message[MaxMessageInHistory - 1]) ? MaxMessageInHistory - 1 : MaxMessageInHistory)];

    private static string Word(ApplyAction action) => action switch
    {
        ApplyAction.HandedOver => "handed over",
        ApplyAction.HookSucceeded => "hooks succeeded",
        ApplyAction.HookFailed => "hooks failed",
        _ => action.ToString().ToLowerInvariant(),
    };
}
