using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Health;

namespace GitOpsGrains.Grains.Targets;

/// <summary>Answers from memory.</summary>
public sealed partial class TargetGrain
{
    private const int MaxConditions = 50;
    private const int MaxForeignSaid = 5;

    public Task<TargetSummary> GetSummaryAsync() => Task.FromResult(Answer());

    public Task<TargetView> GetViewAsync()
    {
        var summary = Summarise();
        return Task.FromResult(new TargetView
        {
            Cluster = _cluster,
            Sync = summary.Sync.ToString(),
            Health = summary.Health.ToString(),
            Revision = _state.State.SyncedCommit,
            Message = summary.Conditions.Count > 0 ? ConditionViews.Sentence(summary.Conditions[0]) : "",
            Objects = [.. _objects.Values.OrderBy(tracked => tracked.Id).Select(ViewOf)],
            Conditions = ConditionViews.Of(summary.Conditions),
            Operation = _state.State.Operation is { } operation ? OperationOf(operation) : null,
            Windows = ViewWindows(),
            ObservedAt = summary.ObservedAt,
        });
    }

    public Task<IReadOnlyList<HistoryView>> GetHistoryAsync() => Task.FromResult<IReadOnlyList<HistoryView>>(_past.Entries);

    private ObjectView ViewOf(TrackedObject tracked)
    {
        var health = HealthOf(tracked);
        return new ObjectView
        {
            Id = tracked.Id.ToString(),
            Group = tracked.Id.Group,
            Kind = tracked.Id.Kind,
            Namespace = tracked.Id.Namespace,
            Name = tracked.Id.Name,
            Sync = tracked.Sync.ToString(),
            Health = health?.Status.ToString(),
            HealthMessage = health is { Message.Length: > 0 } ? health.Message : null,
            Action = tracked.Action?.ToString(),
            Drift = tracked.Drift,
            Repaired = tracked.Repaired,
            ForeignFields = [.. tracked.Foreign.Select(field => new ForeignFieldView
            {
                Path = field.Path,
                Manager = field.Manager,
                Operation = field.Operation,
                Time = FieldOwners.TimeOf(field.Time),
            })],
            Message = tracked.Message,
        };
    }

    /// <summary>Null for kinds without health; Missing for an object that should be there and is not.</summary>
    private ObjectHealth? HealthOf(TrackedObject tracked)
    {
        if (_session is not { } session || !session.State.IsReady) return new ObjectHealth(HealthStatus.Unknown, "");
        if (CurrentOf(session, tracked.Id) is { } current) return current.Health;
        if (tracked.Desired is not { } desired) return null;
        // What is left alone need not carry our label, and may rightly be absent.
        return PolicyOf(desired).IsCompared ? new ObjectHealth(HealthStatus.Missing, "") : tracked.LastRead?.Health;
    }

    /// <summary>Unknown while nothing is known of the target's objects, or the cluster can't be asked.</summary>
    private HealthStatus HealthOfAll()
    {
        if (_objects.Count == 0 || _session is not { State.IsReady: true } session) return HealthStatus.Unknown;
        return ApplicationHealth.Of(_objects.Values
            .Select(tracked => (tracked.Desired, Current: CurrentOf(session, tracked.Id)))
            .Where(item => item.Desired is not null || item.Current is not null)
            .Select(item => item.Current is { } current
                ? new ObjectStanding(IsLive: true, current.CountsForHealth, current.Health?.Status)
                : ObjectStanding.Missing));
    }

    /// <summary>What is announced next is told in any case: nobody knows whether this answer arrived, and it may have said something else.</summary>
    private TargetSummary Answer()
    {
        _announced = null;
        return Summarise();
    }

    private TargetSummary Summarise()
    {
        var conditions = _conditions.Concat(_notices).Concat(WindowConditions()).Concat(_unwatched).Concat(_autoscaled.Values).Concat(_fights.Values)
            .Concat(_objects.Values.Select(tracked => tracked.Kept).OfType<Condition>()).Concat(ForeignConditions()).Take(MaxConditions).ToArray();
        return new TargetSummary
        {
            Cluster = _cluster,
            Version = ++_version,
            Activation = _activation,
            Sync = SyncOf(),
            Health = HealthOfAll(),
            Commit = _state.State.SyncedCommit,
            Objects = _objects.Count,
            Conditions = conditions,
            Operation = _state.State.Operation,
            Earlier = _state.State.Ongoing?.Operation is { } ongoing && ongoing.Id != _state.State.Operation?.Id ? ongoing : _ended,
            Ordered = Ordered?.OperationId ?? "",
            Released = _state.State.Released,
            ObservedAt = _session?.ObservedAtOf(_kinds),
            DesiredSequence = _state.State.Desired?.Sequence ?? 0,
            LeftBehind = _state.State.LeftBehind,
        };
    }

    private IEnumerable<Condition> ForeignConditions() => _objects.Values.Where(tracked => tracked.Foreign.Count > 0).Select(tracked => new Condition
    {
        Type = ConditionTypes.ForeignFields,
        Message = "others added " + string.Join(", ", tracked.Foreign.Take(MaxForeignSaid).Select(field => $"{field.Path} ({field.Manager})"))
            + (tracked.Foreign.Count > MaxForeignSaid ? $" and {tracked.Foreign.Count - MaxForeignSaid} more" : ""),
        Object = tracked.Id,
    });

    /// <summary>Synced only when every object is proven so on a live watch, and at the desired revision.</summary>
    private SyncStatus SyncOf()
    {
        if (_built is not { Faults.Count: 0 } || _session is not { State.IsReady: true } session) return SyncStatus.Unknown;
        if (_objects.Count == 0 && _state.State.Desired?.Sync.Prune.AllowEmpty != true) return SyncStatus.Unknown;
        if (_builtFrom.Set != _state.State.Desired?.SetDigest) return SyncStatus.Unknown;
        if (_built.Waiting > 0 || _objects.Values.Any(tracked => tracked.Sync == SyncStatus.OutOfSync)) return SyncStatus.OutOfSync;
        if (_objects.Values.Any(tracked => tracked.Sync == SyncStatus.Unknown)) return SyncStatus.Unknown;
        return session.IsLive(_kinds) ? SyncStatus.Synced : SyncStatus.Unknown;
    }

    private OperationView OperationOf(TargetOperation operation) => new()
    {
        Id = operation.Id,
        Kind = "sync",
        Application = GrainKeys.Application(_project, _application),
        Phase = operation.Phase,
        Message = operation.Message,
        Started = operation.Started,
        Finished = operation.Finished,
        Progress = new ProgressView { Done = operation.Done, Total = operation.Total },
        Attempt = operation.Attempt == 0 ? null : operation.Attempt,
        NextAttempt = operation.NextAttempt,
        Objects = Applications.ApplicationViews.ObjectsOf(operation.Objects.Select(item => (_cluster, item))),
    };
}
