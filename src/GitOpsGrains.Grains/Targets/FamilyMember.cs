using GitOpsGrains.Abstractions.Identity;

namespace GitOpsGrains.Grains.Targets;

/// <summary>An object of a target as it is on the cluster, or one that belongs to it by owner references.</summary>
/// <param name="Root">The target's object; the same as <paramref name="Id"/> where it is that itself.</param>
internal sealed record FamilyMember(ResourceId Id, string Uid, ResourceId Root)
{
    public static FamilyMember Of(ResourceId id, string uid) => new(id, uid, id);
}
