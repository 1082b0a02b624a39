using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Grains.Clusters;

namespace GitOpsGrains.Grains.Targets;

/// <summary>What the project and the cluster's document let the target have.</summary>
public sealed partial class TargetGrain
{
    private bool IsAllowedAsBuilt(AllowedObjects allowed) =>
        _builtAllowed is { } built && (ReferenceEquals(built, allowed) || (built.Kinds.SequenceEqual(allowed.Kinds) && built.Namespaces.SequenceEqual(allowed.Namespaces)));

    /// <summary>Objects outside what the project or the cluster's document allows; one of them stops the whole set.</summary>
    private List<Condition> NotAllowed(ClusterSession session, TargetDesired desired, DesiredState built)
    {
        var conditions = new List<Condition>();
        foreach (var item in built.Objects.Select(item => (item.Id, item.Position)).Concat(built.Hooks.Select(hook => (hook.Id, hook.Position))))
        {
            if (WhyNotAllowed(session, desired, item.Id) is not { } reason) continue;
            conditions.Add(NewCondition(ConditionTypes.NotAllowed, reason, item.Id) with { File = item.Position.File, Document = item.Position.Document });
            if (conditions.Count == 20) break;
        }
        return conditions;
    }

    private string? WhyNotAllowed(ClusterSession session, TargetDesired desired, ResourceId id) =>
        session.Namespaces.Count > 0 && !session.Namespaces.Contains(id.Namespace)
            ? $"cluster {_cluster} is limited to the namespaces {string.Join(", ", session.Namespaces)}"
            : !NamePattern.MatchesAny(desired.Allowed.Kinds, id.QualifiedKind) ? $"project {_project} does not allow the kind {id.QualifiedKind}"
            : id.Namespace.Length > 0 && !NamePattern.MatchesAny(desired.Allowed.Namespaces, id.Namespace) ? $"project {_project} does not allow the namespace {id.Namespace}"
            : null;
}
