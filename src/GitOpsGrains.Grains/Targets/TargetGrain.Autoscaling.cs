using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Policy;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Grains.Clusters;

namespace GitOpsGrains.Grains.Targets;

/// <summary>
/// An autoscaler and Git that both set the replicas of a workload undo each other for ever: it is said before the first
/// heal. Asked for only when replicas differ, and while a condition stands.
/// </summary>
public sealed partial class TargetGrain
{
    private const string ReplicasPath = "/spec/replicas";
    private const int MaxAutoscalers = 500;

    private readonly Dictionary<ResourceId, Condition> _autoscaled = [];

    private async Task NoteAutoscalerAsync(ClusterSession session, TrackedObject tracked)
    {
        if (_autoscaled.ContainsKey(tracked.Id) || !tracked.Drift.Any(drift => drift.Path == ReplicasPath)) return;
        if (await ListAutoscalersAsync(session, tracked.Id.Namespace) is not { } present || Autoscalers.Of(tracked.Id, present) is not { } autoscaler) return;
        _autoscaled[tracked.Id] = NewCondition(ConditionTypes.Autoscaled,
            $"the {Autoscalers.Kind} {autoscaler.Id.Namespace}/{autoscaler.Id.Name} scales the {tracked.Id.Kind} {tracked.Id.Namespace}/{tracked.Id.Name}, "
            + "and Git sets its spec.replicas: each undoes the other; leave spec.replicas out of Git", tracked.Id);
        Announce();
    }

    /// <summary>Takes back what was said of workloads that Git no longer scales, or no autoscaler does.</summary>
    private async Task ForgetAutoscalersAsync(ClusterSession session)
    {
        foreach (var id in _autoscaled.Keys.ToArray())
        {
            if (_objects.GetValueOrDefault(id)?.Desired is { } desired && Autoscalers.SetsReplicas(desired))
            {
                var present = await ListAutoscalersAsync(session, id.Namespace);
                if (present is null || Autoscalers.Of(id, present) is not null) continue;
            }
            if (_autoscaled.Remove(id)) Announce();
        }
    }

    /// <summary>Null when they can't be read now: then nothing is said, and nothing taken back.</summary>
    private async Task<IReadOnlyList<LiveObject>?> ListAutoscalersAsync(ClusterSession session, string space)
    {
        if (session.State is not { IsReady: true, Connection: { } connection, Catalog: { } catalog }
            || catalog.Find(Autoscalers.Group, Autoscalers.Kind) is not { } resource) return null;
        var page = await connection.Checks.ListAsync(resource, new ListQuery(space, null, MetadataOnly: false, MaxAutoscalers, null), _stopping.Token);
        return page.IsSuccess ? page.Value.Objects : null;
    }
}
