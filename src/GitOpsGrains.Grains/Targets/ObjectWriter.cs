using System.Text.Json;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Grains.Clusters;
using GitOpsGrains.Grains.Hosting;

namespace GitOpsGrains.Grains.Targets;

/// <summary>What one write did. <see cref="Live"/> is the object after it; null when nothing was written.</summary>
public sealed record WriteOutcome(ApplyAction Action, LiveObject? Live, string? Message)
{
    /// <summary>The paths that the manifest dropped and another manager keeps alive.</summary>
    public IReadOnlyList<ForeignField> Kept { get; init; } = [];

    /// <summary>Why it failed, as far as the caller acts on it.</summary>
    public ClusterError? Error { get; init; }

    public static WriteOutcome Failed(string message, ClusterError? error = null) => new(ApplyAction.Failed, null, message) { Error = error };
}

/// <summary>
/// Makes one object as desired, and overwrites nothing that it has not read: an apply to an object that exists carries the
/// uid and resourceVersion that it was read with, and an object that was never ours is taken over first. A refusal because
/// of a change in between is read and tried again, at most <see cref="MaxAttempts"/> times.
/// </summary>
public sealed class ObjectWriter(ClusterSession session, IWriteFence fence, TrackingOwner owner, string target)
{
    public const int MaxAttempts = 5;

    /// <param name="seen">What the watch shows of the object; null when it shows none.</param>
    /// <param name="absent">The object is known not to exist: a create needs no read.</param>
    public async Task<WriteOutcome> ApplyAsync(
        DesiredObject desired, ApiResource resource, ObservedObject? seen, bool absent, CancellationToken cancellationToken)
    {
        var connection = session.State.Connection!;
        var taken = false;
        for (var attempt = 1; ; attempt++)
        {
            var found = await FindAsync(connection, desired, resource, attempt == 1 ? seen : null, absent && attempt == 1, cancellationToken);
            if (found.Refusal is { } refusal) return refusal;
            await fence.EnsureAsync(cancellationToken);
            var answer = await SendAsync(connection, desired, resource, found, cancellationToken);
            if (answer.IsSuccess) return Outcome(found, answer.Value);
            var error = answer.Error;
            if (error.Kind is ClusterErrorKind.Conflict or ClusterErrorKind.NotFound && attempt < MaxAttempts && !IsOfNamespace(error, desired)) continue;
            if (error.Kind is not (ClusterErrorKind.Invalid or ClusterErrorKind.ObjectRefused) || taken || found.IsNew)
                return WriteOutcome.Failed(error.Message, error);
            taken = true;
            var refused = await TakeOverRivalsAsync(connection, desired.Id, resource, cancellationToken);
            if (refused is not null) return WriteOutcome.Failed(error.Message, error);
        }
    }

    /// <summary>Whether a 404 is about the namespace that the object lives in, which no retry here can make.</summary>
    private static bool IsOfNamespace(ClusterError error, DesiredObject desired) =>
        error.Kind == ClusterErrorKind.NotFound && error.Message.Contains($"namespaces \"{desired.Id.Namespace}\"", StringComparison.Ordinal);

    /// <summary>What a write is fenced with: the object as it was read, or that it is new.</summary>
    private sealed record Found(bool IsNew, string Uid, string ResourceVersion, FieldSet? OwnBefore, WriteOutcome? Refusal);

    private async Task<Found> FindAsync(
        IClusterConnection connection, DesiredObject desired, ApiResource resource, ObservedObject? seen, bool absent, CancellationToken cancellationToken)
    {
        if (absent) return new Found(true, "", "", null, null);
        // Ours, unchanged in ownership and with nobody's entries to take over: the watch has all that the fence needs.
        if (seen is { IsDeleting: false, IsLabelled: true, HasRivals: false } && seen.Owner == owner.ToString())
            return new Found(false, seen.Uid, seen.ResourceVersion, null, null);
        var read = await connection.GetAsync(resource, desired.Id, cancellationToken);
        if (!read.IsSuccess)
            return read.Error.Kind == ClusterErrorKind.NotFound
                ? new Found(true, "", "", null, null)
                : new Found(false, "", "", null, WriteOutcome.Failed(read.Error.Message, read.Error));
        var live = read.Value;
        if (Refuse(live) is { } refusal) return new Found(false, "", "", null, refusal);
        if (TakeOver.Plan(live) is { } patch)
        {
            await fence.EnsureAsync(cancellationToken);
            var taken = await connection.JsonPatchAsync(resource, desired.Id, patch, dryRun: false, cancellationToken);
            // A conflict here is met by the apply, whose fence is older still.
            if (taken.IsSuccess) live = taken.Value;
            else if (taken.Error.Kind is not (ClusterErrorKind.Conflict or ClusterErrorKind.NotFound or ClusterErrorKind.Invalid))
                return new Found(false, "", "", null, WriteOutcome.Failed(taken.Error.Message, taken.Error));
        }
        return new Found(false, live.Uid, live.ResourceVersion, ManagedFields.OwnFields(live), null);
    }

    /// <summary>Objects that are not ours to write: of another installation, desired by another target, or being deleted.</summary>
    private WriteOutcome? Refuse(LiveObject live)
    {
        if (live.IsDeleting)
            return new WriteOutcome(ApplyAction.Failed, null, $"is being deleted{FinalizersOf(live)}; it is created again when it is gone");
        if (TrackingId.OwnerOf(live) is not { } other || other == owner) return null;
        if (other.Installation != owner.Installation)
            return WriteOutcome.Failed($"belongs to the installation '{other.Installation}' (application {other.Project}/{other.Application}); it is left alone");
        var claimant = session.Claims.OwnerOf(live.Id);
        return claimant is null || claimant == target
            ? null
            : WriteOutcome.Failed($"belongs to the application {other.Project}/{other.Application}, which still desires it");
    }

    private static string FinalizersOf(LiveObject live) =>
        live.Metadata.TryGetProperty("finalizers", out var finalizers) && finalizers.ValueKind == JsonValueKind.Array && finalizers.GetArrayLength() > 0
            ? $" and held by the finalizers {string.Join(", ", finalizers.EnumerateArray().Select(finalizer => finalizer.GetString()))}"
            : "";

    private static Task<ClusterAnswer<LiveObject>> SendAsync(
        IClusterConnection connection, DesiredObject desired, ApiResource resource, Found found, CancellationToken cancellationToken) =>
        // Creation does not force: if somebody made the object since it was found missing, that is a conflict, not an overwrite.
        found.IsNew
            ? connection.ApplyAsync(resource, desired.Id, desired.Body, new ApplyOptions(DryRun: false, Force: false), cancellationToken)
            : connection.ApplyAsync(resource, desired.Id, desired.FencedBody(found.Uid, found.ResourceVersion), new ApplyOptions(DryRun: false, Force: true), cancellationToken);

    private static WriteOutcome Outcome(Found found, LiveObject live)
    {
        if (found.IsNew) return new WriteOutcome(ApplyAction.Created, live, null);
        var action = live.ResourceVersion == found.ResourceVersion ? ApplyAction.Unchanged : ApplyAction.Configured;
        if (found.OwnBefore is null) return new WriteOutcome(action, live, null);
        var dropped = found.OwnBefore.Except(ManagedFields.OwnFields(live));
        var kept = dropped.IsEmpty ? [] : ForeignFields.KeptByOthers(live, dropped);
        return new WriteOutcome(action, live, kept.Count == 0 ? null : $"{kept[0].Path} is kept by {kept[0].Manager}") { Kept = kept };
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
        var taken = await connection.JsonPatchAsync(resource, id, patch, dryRun: false, cancellationToken);
        return taken.Error;
    }
}
