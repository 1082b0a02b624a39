using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Grains.Hosting;

namespace GitOpsGrains.Grains.Targets;

/// <summary>
/// Deletes an object so that it can be made again. Only what is ours, may be lost and can be made again: a dry run makes the
/// same manifest under another name first.
/// </summary>
internal sealed class Remaking(IClusterConnection connection, IWriteFence fence, TrackingOwner owner, Propagation propagation, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LastPause = TimeSpan.FromSeconds(2);

    /// <summary>Null when the object is gone, or was changed meanwhile: look again. Else why it stands.</summary>
    /// <param name="live">As it was read last.</param>
    /// <param name="why">What the server said against changing it; "" where the manifest asks for it.</param>
    public async Task<WriteOutcome?> DeleteAsync(
        ApiResource resource, DesiredObject desired, LiveObject live, string why, CancellationToken cancellationToken)
    {
        var before = why.Length > 0 ? $"{why}; " : "";
        if (RecreateRules.Refusal(desired, live, owner) is { } refusal) return WriteOutcome.Failed(before + refusal);
        var made = await ObjectDryRun.TryNewAsync(connection, resource, desired, cancellationToken);
        if (!made.IsSuccess) return WriteOutcome.Failed(made.Error.Message, made.Error);
        await fence.EnsureAsync(cancellationToken);
        var deleted = await connection.DeleteAsync(resource, desired.Id, new DeleteOptions(live.Uid, live.ResourceVersion, propagation), cancellationToken);
        if (deleted.IsSuccess) return await AwaitGoneAsync(resource, live, cancellationToken);
        return deleted.Error.Kind is ClusterErrorKind.Conflict or ClusterErrorKind.NotFound ? null : WriteOutcome.Failed(deleted.Error.Message, deleted.Error);
    }

    private async Task<WriteOutcome?> AwaitGoneAsync(ApiResource resource, LiveObject live, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        for (var pause = FirstPause; ; pause = pause * 2 < LastPause ? pause * 2 : LastPause)
        {
            var read = await connection.GetAsync(resource, live.Id, cancellationToken);
            if (read.Error?.Kind == ClusterErrorKind.NotFound || (read.IsSuccess && read.Value.Uid != live.Uid)) return null;
            if (!read.IsSuccess) return WriteOutcome.Failed(read.Error.Message, read.Error);
            if (time.GetElapsedTime(began) > Patience)
                return WriteOutcome.Failed($"is being deleted{LiveFinalizers.Describe(read.Value)}; it is created again when it is gone");
            await Task.Delay(pause, time, cancellationToken);
        }
    }
}
