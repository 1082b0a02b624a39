using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Engine.Manifests;

namespace GitOpsGrains.Grains.Targets;

/// <summary>What one sync has done so far.</summary>
internal sealed class SyncRun(TargetOperation operation, string trigger, TargetDesired desired)
{
    private const int MaxObjectsInHistory = 200;
    private const int MaxConditions = 20;
    private const int MaxMessageInHistory = 500;

    private readonly List<Written> _outcomes = [];

    public sealed record Written(ResourceId Id, WriteOutcome Outcome, ManifestPosition? Position);

    public TargetOperation Operation { get; } = operation;
    public string Trigger { get; } = trigger;
    public TargetDesired Desired { get; } = desired;
    public int Done { get; private set; }
    public Queue<Written> Failed { get; } = new();

    /// <summary>All that was done so far, in order.</summary>
    public IReadOnlyList<Written> Outcomes => _outcomes;

    /// <summary>Notes of prunes, hand-overs and held objects.</summary>
    public List<Condition> Notes { get; } = [];

    /// <summary>Something was written before something else failed.</summary>
    public bool IsPartial => _outcomes.Any(done => done.Outcome.Action is ApplyAction.Created or ApplyAction.Configured or ApplyAction.Pruned);

    /// <summary>Any object was written, deleted, held or handed over.</summary>
    public bool HasChanged => _outcomes.Any(done => done.Outcome.Action is not (ApplyAction.Unchanged or ApplyAction.Skipped));

    public bool HasFailed => Failed.Count > 0;

    /// <param name="position">Null for an object that is in no file any more.</param>
    public void Add(ResourceId id, WriteOutcome outcome, ManifestPosition? position)
    {
        var written = new Written(id, outcome, position);
        _outcomes.Add(written);
        if (position is not null) Done++;
        if (outcome.Action == ApplyAction.Failed) Failed.Enqueue(written);
    }

    public string Summary()
    {
        var parts = _outcomes.Where(done => done.Outcome.Action != ApplyAction.Unchanged)
            .CountBy(done => done.Outcome.Action).OrderBy(count => count.Key).Select(count => $"{count.Value} {Word(count.Key)}").ToArray();
        return parts.Length == 0 ? "nothing to change" : string.Join(", ", parts);
    }

    public string FirstFailure()
    {
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
        }).Concat(Notes.Take(MaxConditions)).ToList();
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
        Started = Operation.Started,
        Finished = finished,
        Trigger = Trigger,
        Result = result,
        Error = error,
        Objects = [.. _outcomes.Where(done => done.Outcome.Action != ApplyAction.Unchanged).Take(MaxObjectsInHistory).Select(done => new HistoryObjectView
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
        _ => action.ToString().ToLowerInvariant(),
    };
}
