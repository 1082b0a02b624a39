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
/// Makes one object as desired, in the way that its <see cref="ApplyPolicy"/> says, and overwrites nothing that it has not
/// read: a write to an object that exists carries the uid and resourceVersion that it was read with. An object of another
/// tool is adopted by one write. A refusal because of a change in between is read and tried again, at most
/// <see cref="MaxAttempts"/> times.
/// </summary>
/// <param name="isNewest">
/// Whether the desired state is still what Git says now. Asked when the live object carries a digest that this target
/// never wrote: another process may have applied a newer revision.
/// </param>
public sealed partial class ObjectWriter(
    ClusterSession session, IWriteFence fence, TrackingOwner owner, string target, Func<CancellationToken, Task<bool>> isNewest, TimeProvider time)
{
    public const int MaxAttempts = 5;

    /// <summary>What a server says of a kind whose store takes no resourceVersion with a create.</summary>
    private const string NoFenceForCreates = "resourceVersion should not be set on objects to be created";

    /// <summary>A read older than this is no base for a write: the process may have been stopped in between.</summary>
    private static readonly TimeSpan ReadValidity = TimeSpan.FromSeconds(5);

    /// <summary>The application's own options.</summary>
    public SyncOptionSet Options { get; init; } = SyncOptionSet.None;

    /// <summary>What happens to the dependents of an object that is deleted to be made again. Never Orphan: they would be in the new one's way.</summary>
    public Propagation Propagation { get; init; } = Propagation.Background;

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
        var policy = ApplyPolicy.Of(desired.Annotations, Options);
        if (policy.IsIgnored) return WriteOutcome.Skipped(policy.Reason!);
        var work = new Work(connection, desired, resource, entry) { IsUnfenced = desired.Id is { Group: "", Kind: "Service" } };
        for (var attempt = 1; ; attempt++)
        {
            var found = (attempt == 1 ? FromWatch(work, policy, seen) ?? FromList(work, policy, absentSince) : null) ?? await ReadAsync(work, policy, cancellationToken);
            if (found.Settled is { } settled) return settled;
            await fence.EnsureAsync(cancellationToken);
            var answer = found.IsToBeRemade ? default(ClusterAnswer<LiveObject>?) : await SendAsync(work, found, cancellationToken);
            if (answer?.Value is { } written) return Outcome(work, found, written);
            if (await AfterRefusalAsync(work, found, answer?.Error, attempt, cancellationToken) is { } outcome) return outcome;
        }
    }

    /// <summary>One object's write, over all its attempts.</summary>
    private sealed record Work(IClusterConnection Connection, DesiredObject Desired, ApiResource Resource, InventoryEntry? Entry)
    {
        /// <summary>The kind takes no fence for a create.</summary>
        public bool IsUnfenced { get; set; }

        /// <summary>Everybody else's fields have been taken over already.</summary>
        public bool HasTakenAll { get; set; }

        /// <summary>The one write that adopts was refused: the way by two says better what is wrong.</summary>
        public bool AdoptsInSteps { get; set; }

        /// <summary>Why it was deleted; null when it was not.</summary>
        public string? Remade { get; set; }
    }

    /// <summary>What a write is fenced with: the object as it was read, or that it is new. Settled: there is nothing to write.</summary>
    private sealed record Found(DesiredObject Desired, ApplyPolicy Policy, bool IsNew, long ReadAt, string Uid, string ResourceVersion)
    {
        public LiveObject? Live { get; init; }
        public FieldSet? OwnBefore { get; init; }
        public AdoptionWrite? Adoption { get; init; }
        public WriteOutcome? Settled { get; init; }

        /// <summary>Deleted and made again, without a try to change it.</summary>
        public bool IsToBeRemade => !IsNew && Policy.Strategy == ApplyStrategy.Recreate && !RecreateRules.IsIrreplaceable(Desired);
    }

    /// <summary>Null: another attempt is worth it.</summary>
    /// <param name="error">Null when nothing was sent: the object is to be made again anyway.</param>
    private async Task<WriteOutcome?> AfterRefusalAsync(Work work, Found found, ClusterError? error, int attempt, CancellationToken cancellationToken)
    {
        if (error is not null)
        {
            if (found.IsNew && !work.IsUnfenced && error.Message.Contains(NoFenceForCreates, StringComparison.Ordinal))
            {
                work.IsUnfenced = true;
                return null;
            }
            if (IsOfARace(error, work.Desired) && attempt < MaxAttempts) return null;
            if (error.Kind is not (ClusterErrorKind.Invalid or ClusterErrorKind.ObjectRefused) || found.IsNew) return WriteOutcome.Failed(error.Message, error);
            if (found.Adoption is not null)
            {
                work.AdoptsInSteps = true;
                return null;
            }
            // A foreign list item beside ours may have made it invalid; what the server will never change is not helped by that.
            if (found.Policy.Strategy == ApplyStrategy.Apply && !work.HasTakenAll && !IsOfAdmission(error) && !(found.Policy.ForceOnImmutable && IsOfImmutable(error)))
            {
                work.HasTakenAll = true;
                if (await TakeOverRivalsAsync(work.Connection, work.Desired.Id, work.Resource, cancellationToken) is null) return null;
            }
            if (!found.Policy.ForceOnImmutable) return WriteOutcome.Failed(error.Message, error);
        }
        if (attempt >= MaxAttempts) return WriteOutcome.Failed(error?.Message ?? "it was changed again and again while it was to be deleted and made again", error);
        return await RemakeAsync(work, found, error?.Message ?? "", cancellationToken);
    }

    private async Task<WriteOutcome?> RemakeAsync(Work work, Found found, string why, CancellationToken cancellationToken)
    {
        if (found.Live is not { } live)
        {
            var read = await work.Connection.GetAsync(work.Resource, work.Desired.Id, cancellationToken);
            if (!read.IsSuccess) return read.Error.Kind == ClusterErrorKind.NotFound ? null : WriteOutcome.Failed(read.Error.Message, read.Error);
            live = read.Value;
        }
        var propagation = Propagation == Propagation.Orphan ? Propagation.Background : Propagation;
        var standing = await new Remaking(work.Connection, fence, owner, propagation, time).DeleteAsync(work.Resource, found.Desired, live, why, cancellationToken);
        if (standing is null) work.Remade = why;
        return standing;
    }

    /// <summary>A 404 about the namespace that the object lives in is no race: no retry here can make it.</summary>
    private static bool IsOfARace(ClusterError error, DesiredObject desired) =>
        error.Kind == ClusterErrorKind.Conflict
        || (error.Kind == ClusterErrorKind.NotFound && !error.Message.Contains($"namespaces \"{desired.Id.Namespace}\"", StringComparison.Ordinal));

    /// <summary>Only a short cut hangs on these words; what may be deleted is decided by a dry run.</summary>
    private static bool IsOfImmutable(ClusterError error) =>
        error.Message.Contains("immutable", StringComparison.OrdinalIgnoreCase) || error.Message.Contains("updates to", StringComparison.Ordinal);

    /// <summary>"admission webhook … denied the request", "ValidatingAdmissionPolicy … denied request": nobody's ownership of fields stands against it.</summary>
    private static bool IsOfAdmission(ClusterError error) =>
        error.Message.Contains("denied the request", StringComparison.Ordinal) || error.Message.Contains("denied request", StringComparison.Ordinal);

    private Task<ClusterAnswer<LiveObject>> SendAsync(Work work, Found found, CancellationToken cancellationToken)
    {
        var (connection, resource, desired) = (work.Connection, work.Resource, found.Desired);
        // Somebody may have made the object since it was found missing, another process of this installation for example:
        // the server refuses it then. Where it knows no such fence, the age of the read is all there is.
        if (found.IsNew)
            return connection.ApplyAsync(resource, desired.Id, work.IsUnfenced ? desired.Body : desired.NewBody(),
                new ApplyOptions(DryRun: false, Force: false) { MaySend = () => IsFresh(found) }, cancellationToken);
        if (found.Adoption is { } adoption) return connection.JsonPatchAsync(resource, desired.Id, adoption.Patch, dryRun: false, cancellationToken);
        return found.Policy.IsApplied
            ? connection.ApplyAsync(resource, desired.Id, desired.FencedBody(found.Uid, found.ResourceVersion), new ApplyOptions(DryRun: false, Force: true), cancellationToken)
            : connection.UpdateAsync(resource, desired.Id, ReplaceBody.Of(desired, found.Live!), dryRun: false, cancellationToken);
    }

    private bool IsFresh(Found found) => time.GetElapsedTime(found.ReadAt) <= ReadValidity;

    private static WriteOutcome Outcome(Work work, Found found, LiveObject live)
    {
        if (found.IsNew)
            return new WriteOutcome(ApplyAction.Created, live, work.Remade switch { null => null, "" => "was deleted and made again", var why => $"was deleted and made again: {why}" });
        var action = live.ResourceVersion == found.ResourceVersion ? ApplyAction.Unchanged : ApplyAction.Configured;
        var dropped = found.Adoption?.Dropped ?? found.OwnBefore?.FieldsBeyond(ManagedFields.OwnFields(live)) ?? FieldSet.Empty;
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
