using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Grains.Targets;

/// <summary>What a write of an object would make of the live one, tried the way that its policy writes it.</summary>
internal static class ObjectDryRun
{
    /// <summary>Held against the live object by <see cref="DriftBasis"/>. An object that was changed since it was read is a Conflict.</summary>
    public static Task<ClusterAnswer<LiveObject>> SendAsync(
        IClusterConnection connection, ApiResource resource, DesiredObject desired, LiveObject live, ApplyPolicy policy, CancellationToken cancellationToken) =>
        policy.IsApplied
            ? connection.ApplyAsync(resource, desired.Id, desired.FencedBody(live.Uid, live.ResourceVersion), new ApplyOptions(DryRun: true, Force: true), cancellationToken)
            : connection.UpdateAsync(resource, desired.Id, ReplaceBody.Of(desired, live), dryRun: true, cancellationToken);

    /// <summary>
    /// Whether a write would be accepted, the way that the policy of the manifest writes it: for a preflight, which has no
    /// live object at hand. An object that may be made again need only be acceptable as a new one.
    /// </summary>
    public static async Task<ClusterAnswer<LiveObject>> TryAsync(
        IClusterConnection connection, ApiResource resource, DesiredObject desired, ApplyPolicy policy, TrackingOwner owner, CancellationToken cancellationToken)
    {
        var replaces = policy.Strategy is ApplyStrategy.Replace or ApplyStrategy.Recreate;
        if (!replaces && policy.IsCompared)
        {
            var applied = await TryApplyAsync(connection, resource, desired, cancellationToken);
            if (applied.Error?.Kind != ClusterErrorKind.Invalid || !policy.ForceOnImmutable || RecreateRules.IsIrreplaceable(desired)) return applied;
            var refused = await connection.GetAsync(resource, desired.Id, cancellationToken);
            return await TryRemakeAsync(connection, resource, desired, owner, refused.Value, applied.Error.Message, cancellationToken);
        }
        var read = await connection.GetAsync(resource, desired.Id, cancellationToken);
        if (!read.IsSuccess)
            return read.Error.Kind == ClusterErrorKind.NotFound ? await TryApplyAsync(connection, resource, desired, cancellationToken) : read.Error;
        if (!policy.IsCompared) return read;
        if (policy.Strategy != ApplyStrategy.Recreate || RecreateRules.IsIrreplaceable(desired))
            return await connection.UpdateAsync(resource, desired.Id, ReplaceBody.Of(desired, read.Value), dryRun: true, cancellationToken);
        // What is not ours yet is adopted, and not made again.
        return TrackingId.OwnerOf(read.Value) == owner
            ? await TryRemakeAsync(connection, resource, desired, owner, read.Value, "", cancellationToken)
            : await TryApplyAsync(connection, resource, desired, cancellationToken);
    }

    private static Task<ClusterAnswer<LiveObject>> TryApplyAsync(
        IClusterConnection connection, ApiResource resource, DesiredObject desired, CancellationToken cancellationToken) =>
        connection.ApplyAsync(resource, desired.Id, desired.Body, new ApplyOptions(DryRun: true, Force: true), cancellationToken);

    /// <summary>Whether the object may be deleted, and could be made anew.</summary>
    /// <param name="live">Null when it could not be read: then the write itself finds out.</param>
    /// <param name="why">What the server said against changing it; "" where the manifest asks for it.</param>
    private static async Task<ClusterAnswer<LiveObject>> TryRemakeAsync(
        IClusterConnection connection, ApiResource resource, DesiredObject desired, TrackingOwner owner, LiveObject? live, string why, CancellationToken cancellationToken)
    {
        if (live is not null && RecreateRules.Refusal(desired, live, owner) is { } refusal)
            return new ClusterError(ClusterErrorKind.Invalid, 422, why.Length > 0 ? $"{why}; {refusal}" : refusal);
        return await TryNewAsync(connection, resource, desired, cancellationToken);
    }

    /// <summary>Whether the manifest could be made anew, beside the object that is there. A refusal names the object itself.</summary>
    public static async Task<ClusterAnswer<LiveObject>> TryNewAsync(
        IClusterConnection connection, ApiResource resource, DesiredObject desired, CancellationToken cancellationToken)
    {
        var name = $"new-{Guid.NewGuid():N}";
        var made = await connection.ApplyAsync(
            resource, desired.Id with { Name = name }, desired.TrialBody(name), new ApplyOptions(DryRun: true, Force: false), cancellationToken);
        return made.IsSuccess ? made : made.Error with { Message = made.Error.Message.Replace(name, desired.Id.Name, StringComparison.Ordinal) };
    }
}
