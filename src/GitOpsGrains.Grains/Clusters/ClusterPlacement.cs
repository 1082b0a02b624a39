using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace GitOpsGrains.Grains.Clusters;

/// <summary>A cluster's grain and its targets lie on one silo: one connection, one set of watches, and no digests on the wire.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class PlacedByClusterAttribute() : PlacementAttribute(new ClusterPlacement());

/// <inheritdoc cref="PlacedByClusterAttribute"/>
[GenerateSerializer, Immutable, SuppressReferenceTracking, Alias("gog.ClusterPlacement")]
public sealed class ClusterPlacement : PlacementStrategy;

/// <summary>
/// Places by <see cref="ClusterHomes"/>, or where the caller says: a target follows its cluster. Silos may see the membership
/// differently for a moment, so nothing relies on it.
/// </summary>
public sealed class ClusterPlacementDirector(IClusterMembershipService membership) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target);
        if (IPlacementDirector.GetPlacementHint(target.RequestContextData, silos) is { } asked) return Task.FromResult(asked);
        var members = membership.CurrentSnapshot.Members;
        return Task.FromResult(ClusterHomes.Of(ClusterOf(target.GrainIdentity), silos, silo => members.TryGetValue(silo, out var member) ? member.Name : silo.ToParsableString()));
    }

    /// <summary>The key of a cluster is its name, that of a target ends with it.</summary>
    private static string ClusterOf(GrainId grain)
    {
        var key = grain.Key.ToString()!;
        return key[(key.LastIndexOf('/') + 1)..];
    }
}
