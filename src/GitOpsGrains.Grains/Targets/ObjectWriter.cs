using System.Text.Json;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Grains.Clusters;
using GitOpsGrains.Grains.Hosting;

namespace GitOpsGrains.Grains.Targets;

/// <summary>
/// Makes one object as desired, and overwrites nothing that it has not read: an apply to an object that exists carries the
/// uid and resourceVersion that it was read with, and what tools before us own is taken over first where the apply alone
/// would leave something of theirs behind. A refusal because of a change in between is read and tried again, at most
/// <see cref="MaxAttempts"/> times.
/// </summary>
/// <param name="isNewest">
/// Whether the desired state is still what Git says now. Asked when the live object carries a digest that this target
/// never wrote: another process may have applied a newer revision.
/// </param>
public sealed class ObjectWriter(
    ClusterSession session, IWriteFence fence, TrackingOwner owner, string target, Func<CancellationToken, Task<bool>> isNewest, TimeProvider time)
{
    public const int MaxAttempts = 5;

    /// <summary>What a server says of a kind whose store takes no resourceVersion with a create.</summary>
    private const string NoFenceForCreates = "resourceVersion should not be set on objects to be created";

    /// <summary>A read older than this is no base for a write: the process may have been stopped in between.</summary>
    private static readonly TimeSpan ReadValidity = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The body to send in the manifest's place for an object that exists, made of both (RespectIgnoreDifferences); null from
    /// it: the manifest as it is. When it is set every object is read before it is written.
    /// </summary>
    public Func<LiveObject, DesiredObject, ReadOnlyMemory<byte>?>? Adjust { get; init; }

    /// <param name="entry">What the inventory knows of the object; null for one that was never applied.</param>
    /// <param name="seen">What the watch shows of it; null when it shows none.</param>
    /// <param name="absentSince">Timestamp at which the cluster was read and had no such object; null when that is not known.</param>
    public async Task<WriteOutcome> ApplyAsync(
        DesiredObject desired, ApiResource resource, InventoryEntry? entry, ObservedObject? seen, long? absentSince, CancellationToken cancellationToken)
    {
        if (session.State.Connection is not { } connection) return WriteOutcome.Failed("the cluster is not connected now");
        var taken = false;
        var unfenced = desired.Id is { Group: "", Kind: "Service" };
        for (var attempt = 1; ; attempt++)
        {
            var found = (attempt == 1 ? FromWatch(entry, seen) ?? FromList(absentSince) : null)
                ?? await ReadAsync(connection, desired, resource, entry, cancellationToken);
            if (found.Settled is { } settled) return settled;
            await fence.EnsureAsync(cancellationToken);
            var answer = await SendAsync(connection, desired, resource, found, unfenced, cancellationToken);
            if (answer.IsSuccess) return Outcome(found, answer.Value);
            var error = answer.Error;
            if (found.IsNew && !unfenced && error.Message.Contains(NoFenceForCreates, StringComparison.Ordinal))
            {
                unfenced = true;
                continue;
            }
            if (IsOfARace(error, desired) && attempt < MaxAttempts) continue;
            if (error.Kind is not (ClusterErrorKind.Invalid or ClusterErrorKind.ObjectRefused) || taken || found.IsNew)
                return WriteOutcome.Failed(error.Message, error);
            taken = true;
            if (await TakeOverRivalsAsync(connection, desired.Id, resource, cancellationToken) is not null) return WriteOutcome.Failed(error.Message, error);
        }
    }

    /// <summary>A 404 about the namespace that the object lives in is no race: no retry here can make it.</summary>
    private static bool IsOfARace(ClusterError error, DesiredObject desired) =>
        error.Kind == ClusterErrorKind.Conflict
        || (error.Kind == ClusterErrorKind.NotFound && !error.Message.Contains($"namespaces \"{desired.Id.Namespace}\"", StringComparison.Ordinal));

    /// <summary>What a write is fenced with: the object as it was read, or that it is new. Settled: there is nothing to write.</summary>
    private sealed record Found(bool IsNew, long ReadAt, string Uid, string ResourceVersion, FieldSet? OwnBefore, WriteOutcome? Settled)
    {
        /// <summary>The object as read; null where the watch alone told of it.</summary>
        public LiveObject? Live { get; init; }

        public static Found Done(WriteOutcome settled) => new(false, 0, "", "", null, settled);
    }

    /// <summary>Ours, as we left it, and with nobody's entries to take over: the watch has all that the fence needs.</summary>
    private Found? FromWatch(InventoryEntry? entry, ObservedObject? seen) =>
        Adjust is null && seen is { IsLabelled: true, HasRivals: false } && seen.Owner == owner.ToString() && ProofCheck.Compare(entry?.Proof, seen) == ProofQuestion.None
            ? new Found(false, 0, seen.Uid, seen.ResourceVersion, null, null)
            : null;

    private static Found? FromList(long? absentSince) => absentSince is { } at ? new Found(true, at, "", "", null, null) : null;

    private async Task<Found> ReadAsync(
        IClusterConnection connection, DesiredObject desired, ApiResource resource, InventoryEntry? entry, CancellationToken cancellationToken)
    {
        var now = time.GetTimestamp();
        var read = await connection.GetAsync(resource, desired.Id, cancellationToken);
        if (!read.IsSuccess)
            return read.Error.Kind == ClusterErrorKind.NotFound
                ? new Found(true, now, "", "", null, null)
                : Found.Done(WriteOutcome.Failed(read.Error.Message, read.Error));
        var live = read.Value;
        if (await RefuseAsync(live, desired, entry, cancellationToken) is { } refusal) return Found.Done(refusal);
        // After a crash the proof may be lost, not the object.
        if (entry?.Proof?.Desired != desired.Hash && LostProof.CanBeHadFrom(live, desired))
            return Found.Done(new WriteOutcome(ApplyAction.Unchanged, live, null));
        var before = ManagedFields.OwnFields(live);
        if (TakeOver.Plan(live) is not { } patch || await Adoption.TakesOneWriteAsync(connection, resource, desired, live, cancellationToken))
            return new Found(false, now, live.Uid, live.ResourceVersion, before, null) { Live = live };
        await fence.EnsureAsync(cancellationToken);
        var taken = await connection.JsonPatchAsync(resource, desired.Id, patch, dryRun: false, cancellationToken);
        // After a conflict the apply meets the same change, and its own fence refuses it.
        if (taken.IsSuccess) return new Found(false, now, taken.Value.Uid, taken.Value.ResourceVersion, ManagedFields.OwnFields(taken.Value), null) { Live = taken.Value };
        return taken.Error.Kind is ClusterErrorKind.Conflict or ClusterErrorKind.NotFound
            ? new Found(false, now, live.Uid, live.ResourceVersion, before, null) { Live = live }
            : Found.Done(WriteOutcome.Failed(taken.Error.Message, taken.Error));
    }

    /// <summary>Objects that are not ours to write: being deleted, of another installation or target, or written by someone who knows more.</summary>
    private async Task<WriteOutcome?> RefuseAsync(LiveObject live, DesiredObject desired, InventoryEntry? entry, CancellationToken cancellationToken)
    {
        if (live.IsDeleting) return WriteOutcome.Failed($"is being deleted{LiveFinalizers.Describe(live)}; it is created again when it is gone");
        if (TrackingId.OwnerOf(live) is not { } other) return null;
        if (other.Installation != owner.Installation)
            return WriteOutcome.Failed($"belongs to the installation '{other.Installation}' (application {other.Project}/{other.Application}); it is left alone");
        if (other != owner)
        {
            var claimant = session.Claims.OwnerOf(live.Id);
            return claimant is null || claimant == target
                ? null
                : WriteOutcome.Failed($"belongs to the application {other.Project}/{other.Application}, which still desires it");
        }
        var digest = live.Annotation(Tracking.DigestAnnotation);
        if (digest is null || digest == desired.Hash.ToString() || digest == entry?.DesiredHash.ToString()) return null;
        return await isNewest(cancellationToken) ? null : WriteOutcome.Superseded;
    }

    private Task<ClusterAnswer<LiveObject>> SendAsync(
        IClusterConnection connection, DesiredObject desired, ApiResource resource, Found found, bool unfenced, CancellationToken cancellationToken) =>
        // Somebody may have made the object since it was found missing, another process of this installation for example:
        // the server refuses it then. Where it knows no such fence, the age of the read is all there is.
        found.IsNew
            ? connection.ApplyAsync(resource, desired.Id, unfenced ? desired.Body : desired.NewBody(), new ApplyOptions(DryRun: false, Force: false) { MaySend = () => IsFresh(found) }, cancellationToken)
            : connection.ApplyAsync(resource, desired.Id, Adjusted(desired, found.Live).FencedBody(found.Uid, found.ResourceVersion), new ApplyOptions(DryRun: false, Force: true), cancellationToken);

    private DesiredObject Adjusted(DesiredObject desired, LiveObject? live) =>
        live is not null && Adjust?.Invoke(live, desired) is { } body ? desired with { Body = body } : desired;

    private bool IsFresh(Found found) => time.GetElapsedTime(found.ReadAt) <= ReadValidity;

    private static WriteOutcome Outcome(Found found, LiveObject live)
    {
        if (found.IsNew) return new WriteOutcome(ApplyAction.Created, live, null);
        var action = live.ResourceVersion == found.ResourceVersion ? ApplyAction.Unchanged : ApplyAction.Configured;
        if (found.OwnBefore is null) return new WriteOutcome(action, live, null);
        var dropped = found.OwnBefore.FieldsBeyond(ManagedFields.OwnFields(live));
        var kept = dropped.IsEmpty ? [] : ForeignFields.KeptByOthers(live, dropped);
        return new WriteOutcome(action, live, kept.Count == 0 ? null : ForeignFields.DescribeKept(kept[0].Path, kept[0].Manager)) { Kept = kept };
    }

    /// <summary>
    /// Takes over the entries of all other managers of the object itself: a foreign list item beside ours made the apply
    /// invalid. Returns why that was refused, or null.
    /// </summary>
    private async Task<ClusterError?> TakeOverRivalsAsync(
        IClusterConnection connection, ResourceId id, ApiResource resource, CancellationToken cancellationToken)
    {
        var read = await connection.GetAsync(resource, id, cancellationToken);
        if (!read.IsSuccess) return read.Error;
        var rivals = ManagedFields.Of(read.Value).Where(entry => !entry.IsOwn && entry.Subresource.Length == 0)
            .Select(entry => entry.Manager).ToHashSet(StringComparer.Ordinal);
        if (TakeOver.Plan(read.Value, rivals) is not { } patch)
            return new ClusterError(ClusterErrorKind.Invalid, 0, "no other manager owns a field of it");
        await fence.EnsureAsync(cancellationToken);
        return (await connection.JsonPatchAsync(resource, id, patch, dryRun: false, cancellationToken)).Error;
    }
}
