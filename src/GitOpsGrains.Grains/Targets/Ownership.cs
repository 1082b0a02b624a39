using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Grains.Clusters;

namespace GitOpsGrains.Grains.Targets;

/// <summary>Whether an object that carries somebody's mark may be written by a target.</summary>
/// <param name="owner">Of the target.</param>
/// <param name="target">Its key.</param>
internal sealed class Ownership(ClusterSession session, TrackingOwner owner, string target)
{
    /// <summary>Why it may not, for people; null when it is the target's own, nobody's, or of an application that has let it go.</summary>
    /// <param name="marked">Whose mark the live object carries; null for none.</param>
    public string? Refusal(ResourceId id, TrackingOwner? marked)
    {
        if (marked is null || marked == owner) return null;
        if (marked.Installation != owner.Installation)
            return $"belongs to the installation '{marked.Installation}' (application {marked.Project}/{marked.Application}); it is left alone";
        var claimant = session.Claims.OwnerOf(id);
        if (claimant is not null && claimant != target)
            return $"belongs to the application {marked.Project}/{marked.Application}, which still desires it";
        return session.Silent.Contains(GrainKeys.Target(marked.Project, marked.Application, session.Name))
            ? $"belongs to the application {marked.Project}/{marked.Application}, which has not said yet whether it still desires it"
            : null;
    }
}
