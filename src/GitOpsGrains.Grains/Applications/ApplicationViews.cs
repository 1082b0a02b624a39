using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Grains.Applications;

/// <summary>An application's state as people read it.</summary>
public static class ApplicationViews
{
    public static ApplicationView Of(
        ApplicationState state, IReadOnlyDictionary<string, TargetSummary> summaries, IReadOnlyList<Condition> conditions,
        IReadOnlyDictionary<string, IReadOnlyList<Condition>> waiting)
    {
        var targets = TargetsOf(state, summaries, waiting);
        var all = AllOf(conditions, targets);
        var (rendered, worst) = (state.Rendered, RollUp(targets, conditions));
        return new ApplicationView
        {
            Metadata = state.Document!.Metadata,
            Spec = state.Document.Spec,
            Status = new ApplicationStatusView
            {
                Sync = worst.Sync.ToString(),
                Health = worst.Health.ToString(),
                Revision = rendered?.Commit ?? "",
                Commit = rendered is null ? null : CommitOf(rendered.Revision),
                Sources = rendered is not { Sources.Count: > 0 } ? null : [.. rendered.Sources.Select(source => SourceRevisions.Of(source) with { Commit = CommitOf(source.Revision) })],
                Message = MessageOf(state, all),
                Targets = new TargetsSummary
                {
                    Total = targets.Length,
                    Sync = targets.CountBy(target => target.Sync.ToString()).ToDictionary(),
                    Health = targets.CountBy(target => target.Health.ToString()).ToDictionary(),
                },
                Conditions = ConditionViews.Of(all),
                Operation = state.Operations.Count == 0 ? null : Of(state.Operations[0], summaries),
                ObservedAt = targets.Length == 0 ? null : targets.Min(target => target.ObservedAt),
            },
        };
    }

    /// <summary>What is told of an application whenever it may be another: the same words as in its view, without the rest.</summary>
    public static WatchEventView EventOf(
        ApplicationState state, IReadOnlyDictionary<string, TargetSummary> summaries, IReadOnlyList<Condition> conditions,
        IReadOnlyDictionary<string, IReadOnlyList<Condition>> waiting)
    {
        var targets = TargetsOf(state, summaries, waiting);
        var (sync, health) = RollUp(targets, conditions);
        return new WatchEventView
        {
            Kind = "Application", Sync = sync.ToString(), Health = health.ToString(),
            Revision = state.Rendered?.Commit ?? "", Message = MessageOf(state, AllOf(conditions, targets)),
        };
    }

    /// <summary>The worst of all targets.</summary>
    public static (SyncStatus Sync, HealthStatus Health) RollUp(
        ApplicationState state, IReadOnlyDictionary<string, TargetSummary> summaries, IReadOnlyList<Condition> conditions,
        IReadOnlyDictionary<string, IReadOnlyList<Condition>> waiting) =>
        RollUp(TargetsOf(state, summaries, waiting), conditions);

    private static TargetSummary[] TargetsOf(
        ApplicationState state, IReadOnlyDictionary<string, TargetSummary> summaries, IReadOnlyDictionary<string, IReadOnlyList<Condition>> waiting) =>
        [.. state.Clusters.Select(cluster => SummaryOf(state, summaries, waiting, cluster))];

    /// <summary>Its own and its targets'. Why all wait is said of the application and of each.</summary>
    private static Condition[] AllOf(IReadOnlyList<Condition> conditions, TargetSummary[] targets) =>
        conditions.Count == 0 && Array.TrueForAll(targets, target => target.Conditions.Count == 0) ? []
        : [.. conditions.Concat(targets.SelectMany(target => target.Conditions.Select(condition => ConditionViews.Of(target.Cluster, condition)))).DistinctBy(condition => condition with { Since = default })];

    private static CommitView CommitOf(Revision revision) => new()
    {
        Id = revision.Commit, Author = revision.Author, Message = revision.Message, Time = revision.Time, PullRequest = revision.PullRequest, Ref = revision.Ref,
    };

    public static OperationView Of(ApplicationOperation operation, IReadOnlyDictionary<string, TargetSummary> summaries)
    {
        var clusters = operation.Clusters.Count > 0 ? operation.Clusters : [.. summaries.Keys];
        var own = clusters.Select(cluster => (Cluster: cluster, Part: summaries.GetValueOrDefault(cluster)?.OperationOf(operation.Id)))
            .Where(item => item.Part is not null).ToArray();
        var parts = own.Select(item => item.Part).ToArray();
        var attempt = parts.Select(part => part!.Attempt).DefaultIfEmpty().Max();
        return new OperationView
        {
            Id = operation.Id,
            Kind = operation.Kind,
            Application = Abstractions.Applications.OperationIds.ApplicationOf(operation.Id),
            Phase = operation.Phase,
            Message = operation.Message.Length > 0 ? operation.Message : parts.FirstOrDefault(part => part!.Message.Length > 0)?.Message ?? "",
            Started = operation.Started,
            Finished = operation.Finished,
            Progress = parts.Length == 0 ? null : new ProgressView { Done = parts.Sum(part => part!.Done), Total = parts.Sum(part => part!.Total) },
            Attempt = attempt == 0 ? null : attempt,
            Rollback = operation.Rollback,
            NextAttempt = operation.IsOver ? null : parts.Min(part => part!.NextAttempt),
            Objects = operation.Results.Count > 0 ? operation.Results : ObjectsOf(own.SelectMany(item => item.Part!.Objects.Select(result => (item.Cluster, result)))),
        };
    }

    /// <summary>Null when there are none; failures first, at most <see cref="OperationView.MaxObjects"/>.</summary>
    public static IReadOnlyList<OperationObjectView>? ObjectsOf(IEnumerable<(string Cluster, TargetOperationObject Object)> objects)
    {
        var views = objects.OrderBy(item => item.Object.Action != ApplyAction.Failed).Take(OperationView.MaxObjects).Select(item => new OperationObjectView
        {
            Object = item.Object.Object.ToString(),
            Cluster = item.Cluster,
            Action = item.Object.Action.ToString(),
            Message = item.Object.Message.Length == 0 ? null : item.Object.Message,
        }).ToArray();
        return views.Length == 0 ? null : views;
    }

    /// <summary>A target that has not been given what is wanted now says nothing about it, however equal it is to what was wanted before.</summary>
    private static TargetSummary SummaryOf(
        ApplicationState state, IReadOnlyDictionary<string, TargetSummary> summaries, IReadOnlyDictionary<string, IReadOnlyList<Condition>> waiting, string cluster)
    {
        var summary = SummaryOf(summaries, waiting, cluster);
        return summary.DesiredSequence == state.Sequence && !state.Earlier.ContainsKey(cluster) ? summary : summary with { Sync = SyncStatus.Unknown };
    }

    /// <summary>As the target says, and with why it waits.</summary>
    public static TargetSummary SummaryOf(
        IReadOnlyDictionary<string, TargetSummary> summaries, IReadOnlyDictionary<string, IReadOnlyList<Condition>> waiting, string cluster)
    {
        var summary = summaries.GetValueOrDefault(cluster) ?? new TargetSummary { Cluster = cluster };
        return waiting.TryGetValue(cluster, out var why) ? summary with { Sync = SyncStatus.Unknown, Conditions = [.. why, .. summary.Conditions] } : summary;
    }

    /// <summary>A source that can't be rendered leaves nothing to be equal to.</summary>
    private static (SyncStatus Sync, HealthStatus Health) RollUp(TargetSummary[] targets, IReadOnlyList<Condition> conditions) =>
        (SyncOf(targets, conditions), targets.Length == 0 ? HealthStatus.Unknown : targets.Max(target => target.Health));

    private static SyncStatus SyncOf(TargetSummary[] targets, IReadOnlyList<Condition> conditions) =>
        targets.Length == 0 || conditions.Count > 0 ? SyncStatus.Unknown
        : targets.Any(target => target.Sync == SyncStatus.OutOfSync) ? SyncStatus.OutOfSync
        : targets.Any(target => target.Sync == SyncStatus.Unknown) ? SyncStatus.Unknown
        : SyncStatus.Synced;

    private static string MessageOf(ApplicationState state, Condition[] conditions)
    {
        if (state.Deleting is not null) return "being deleted";
        if (conditions.Length > 0) return ConditionViews.Sentence(conditions[0]) + (conditions.Length > 1 ? $" (and {conditions.Length - 1} more)" : "");
        return state.Document!.Spec.Suspend ? "suspended" : "";
    }
}
