using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <summary>An object can show by itself that it is as desired, so that a lost proof costs a read and no write.</summary>
public static class LostProof
{
    /// <summary>
    /// The object carries the digest of this very manifest, our apply entry stands with no rival beside it, and every field
    /// that the manifest names has its value. A value that the server writes in another form counts as different.
    /// </summary>
    /// <param name="policy">A replaced object needs no apply entry: what others own of it goes with the next write anyway.</param>
    public static bool CanBeHadFrom(LiveObject live, DesiredObject desired, ApplyPolicy policy = default) =>
        live.Annotation(Tracking.DigestAnnotation) == desired.Hash.ToString()
        && (!policy.IsApplied || (ManagedFields.Own(live) is { } own && !ManagedFields.HasRivals(live, own)))
        && ObjectDiff.Compute(desired.Json(), live, DiffScope.WantedFields).Count == 0;
}
