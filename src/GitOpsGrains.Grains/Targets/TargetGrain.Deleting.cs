using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Grains.Clusters;

namespace GitOpsGrains.Grains.Targets;

/// <summary>What a round of deletions goes by.</summary>
/// <param name="Request">What the guards were asked; asked anew for later groups.</param>
/// <param name="Patience">How long a group may take to go.</param>
internal sealed record DeletionOrder(string OperationId, string Commit, PruneRequest Request, SyncRun Run, TimeSpan Patience)
{
    /// <summary>What happens to an object's dependents.</summary>
    public required Func<PruneCandidate, Propagation> Propagation { get; init; }

    /// <summary>Reads the objects of a later group again and asks the guards anew: time has passed.</summary>
    public required Func<IReadOnlyList<InventoryEntry>, CancellationToken, Task<PruneRequest>> AskAgain { get; init; }

    /// <summary>Objects that should be gone and could not be deleted: what comes after them waits.</summary>
    public List<ResourceId> Undeleted { get; } = [];

    /// <summary>Objects whose turn came and that stay after all, by an annotation or as another's: what holds them stays too.</summary>
    public List<ResourceId> Staying { get; } = [];
}

/// <summary>Deleting in order: group by group, each one gone before the next begins.</summary>
public sealed partial class TargetGrain
{
    /// <summary>Finalizers of controllers are often done in a moment; one that is not holds up the rest until it is.</summary>
    private static readonly TimeSpan FinalizerPatience = TimeSpan.FromSeconds(3);

    /// <summary>Nothing comes after the last group: what still goes is followed, and shows in the status.</summary>
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(3);

    /// <summary>For kinds that can't be watched, and for an event that never came.</summary>
    private static readonly TimeSpan DepartureSafetyNet = TimeSpan.FromSeconds(15);

    private readonly Departures _departures = new();

    /// <summary>Objects that wait for the end of others; the end of any of those makes their prune due again.</summary>
    private readonly HashSet<ResourceId> _behind = [];

    /// <summary>An object whose deletion the server accepted.</summary>
    private sealed record Departure(InventoryEntry Entry, bool IsBlocked);

    private async Task DeleteInOrderAsync(ClusterSession session, DeletionOrder order, IReadOnlyList<PruneGroup> groups, CancellationToken cancellationToken)
    {
        _entombed.Clear();
        try
        {
            for (var index = 0; index < groups.Count; index++)
            {
                var isLast = index == groups.Count - 1;
                var left = await DeleteGroupAsync(session, order, groups[index], isFirst: index == 0, isLast, cancellationToken);
                if (left.Count == 0 || isLast) continue;
                StayBehind(order.Run, groups.Skip(index + 1), left[0]);
                return;
            }
        }
        finally
        {
            _departures.ExpectNone();
            _entombed.Clear();
        }
    }

    /// <summary>Deletes a group and waits for its end. Returns what the next group must wait for.</summary>
    private async Task<IReadOnlyList<ResourceId>> DeleteGroupAsync(
        ClusterSession session, DeletionOrder order, PruneGroup group, bool isFirst, bool isLast, CancellationToken cancellationToken)
    {
        var (request, deletions) = (order.Request, group.Deletions);
        if (!isFirst && deletions.Count > 0)
        {
            var now = await order.AskAgain([.. deletions.Select(candidate => candidate.Entry)], cancellationToken);
            request = Unbudgeted(now) with { HeldSince = order.Request.HeldSince, IsApproved = order.Request.IsApproved, Staying = order.Staying };
            var verdicts = PruneGuards.Decide(request);
            foreach (var verdict in verdicts.Where(verdict => verdict.Decision != PruneDecision.Prune)) TakeLate(order, verdict);
            deletions = [.. verdicts.Where(verdict => verdict.Decision == PruneDecision.Prune).Select(verdict => verdict.Candidate)];
        }
        if (deletions.Count > 0 && await EntombAsync(order, deletions, cancellationToken) is { } refusal)
        {
            foreach (var candidate in deletions) TakeLate(order, new PruneVerdict(candidate, PruneDecision.Hold, refusal));
            return order.Undeleted;
        }
        var waiting = group.InTheWay.Where(candidate => candidate.Live is { IsDeleting: true })
            .ToDictionary(candidate => candidate.Entry.Id, candidate => new Departure(candidate.Entry, IsBlocked: true));
        foreach (var candidate in deletions) session.Follow(candidate.Entry.Id, Key);
        _departures.Expect(deletions.Select(candidate => candidate.Entry.Id).Concat(waiting.Keys));
        // A kind that others need goes after them, without waiting for their end.
        foreach (var kind in deletions.GroupBy(candidate => ApplyOrder.Rank(candidate.Entry.Id)))
            foreach (var window in kind.Chunk(MaxInFlight))
                foreach (var departure in (await Task.WhenAll(window.Select(candidate => DeleteAsync(session, order, request, candidate, cancellationToken)))).OfType<Departure>())
                    waiting[departure.Entry.Id] = departure;
        await WhileNothingIsWrittenAsync(() => AwaitGoneAsync(session, order, waiting, isLast, cancellationToken));
        foreach (var (id, _) in waiting) Track(id).HasParkedEvents = true;
        return [.. waiting.Keys, .. order.Undeleted, .. group.InTheWay.Where(candidate => candidate.Live is not { IsDeleting: true }).Select(candidate => candidate.Entry.Id)];
    }

    /// <summary>
    /// Deletes one object as it was read; if it changed since, the guards are asked about what it is now. Null when there is
    /// nothing to wait for.
    /// </summary>
    private async Task<Departure?> DeleteAsync(
        ClusterSession session, DeletionOrder order, PruneRequest request, PruneCandidate candidate, CancellationToken cancellationToken)
    {
        var id = candidate.Entry.Id;
        for (var attempt = 1; ; attempt++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // Claims change while others are deleted: the last word is asked for right before the request.
            var (last, fence) = (Unbudgeted(request) with { Candidates = [candidate], Staying = [.. order.Staying] }, _fence);
            var verdict = PruneGuards.Decide(last)[0];
            if (verdict.Decision != PruneDecision.Prune)
            {
                TakeLate(order, verdict);
                return null;
            }
            if (session.State is not { Connection: { } connection, Catalog: { } catalog } || catalog.Find(id.Group, id.Kind) is not { } resource)
                return NotDeleted(order, id, "the cluster is not connected now");
            await _fence.EnsureAsync(cancellationToken);
            var live = candidate.Live!;
            // And once more after it has waited for its turn, or for a server that is overloaded.
            var options = new DeleteOptions(live.Uid, live.ResourceVersion, order.Propagation(candidate)) { MaySend = () => fence.IsFresh && PruneGuards.Decide(last)[0].Decision == PruneDecision.Prune };
            var deleted = await connection.DeleteAsync(resource, id, options, cancellationToken);
            if (deleted.IsSuccess || deleted.Error.Kind == ClusterErrorKind.NotFound) return Accept(order.Run, candidate.Entry, deleted.Value);
            if (deleted.Error.Kind != ClusterErrorKind.Conflict || attempt == ObjectWriter.MaxAttempts) return NotDeleted(order, id, deleted.Error.Message);
            candidate = await ReadCandidateAsync(session, candidate.Entry, cancellationToken);
            if (candidate.Live is not null && await EntombAsync(order, [candidate], cancellationToken) is { } refusal) return NotDeleted(order, id, refusal);
        }
    }

    /// <summary>Of one object or a part of a round the budget says nothing: it was asked about the whole.</summary>
    private static PruneRequest Unbudgeted(PruneRequest request) => request with { Policy = request.Policy with { BudgetObjects = int.MaxValue } };

    private Departure? Accept(SyncRun run, InventoryEntry entry, Deletion? deletion)
    {
        var id = entry.Id;
        if (deletion is not { Pending: true })
        {
            Forget(id);
            run.Add(id, new WriteOutcome(ApplyAction.Pruned, null, null), null);
            return null;
        }
        var tracked = Track(id);
        _passedOver.Add(id);
        (tracked.Sync, tracked.Action) = (SyncStatus.OutOfSync, ApplyAction.Pruned);
        // Those of the garbage collector hold an object only until its dependents are gone.
        var isBlocked = deletion.Finalizers.Any(LiveFinalizers.IsForeign);
        tracked.Message = isBlocked ? $"is being deleted and held by the finalizers {string.Join(", ", deletion.Finalizers)}" : "is being deleted";
        run.Add(id, new WriteOutcome(ApplyAction.Pruned, null, isBlocked ? tracked.Message : null), null);
        return new Departure(entry, isBlocked);
    }

    /// <summary>What the guards say of an object whose turn had come.</summary>
    private void TakeLate(DeletionOrder order, PruneVerdict verdict)
    {
        // Of an application that goes away what stays is let go of, by the next look.
        if (order.Request.Cause == PruneCause.TargetDeleted && IsLeftToLive(verdict)) verdict = verdict with { StaysInInventory = true };
        if (verdict.Decision == PruneDecision.Hold) order.Undeleted.Add(verdict.Candidate.Entry.Id);
        if (verdict.Decision is PruneDecision.Skip or PruneDecision.HandOver) order.Staying.Add(verdict.Candidate.Entry.Id);
        Take(order.Run, verdict);
    }

    private Departure? NotDeleted(DeletionOrder order, ResourceId id, string reason)
    {
        order.Undeleted.Add(id);
        var tracked = Track(id);
        (tracked.Sync, tracked.Message) = (SyncStatus.OutOfSync, reason);
        _passedOver.Add(id);
        order.Run.Notes.Add(NewCondition(ConditionTypes.PruneFailed, reason, id));
        ComeBackForHeld();
        return null;
    }

    /// <summary>Waits until the objects are gone: for the watch's news of them, with a look now and then. What is left stays in the map.</summary>
    private async Task AwaitGoneAsync(
        ClusterSession session, DeletionOrder order, Dictionary<ResourceId, Departure> waiting, bool isLast, CancellationToken cancellationToken)
    {
        var (began, looked) = (_time.GetTimestamp(), _time.GetTimestamp());
        while (true)
        {
            var news = _departures.Next;
            var isLook = _time.GetElapsedTime(looked) >= DepartureSafetyNet;
            if (isLook) looked = _time.GetTimestamp();
            foreach (var departure in waiting.Values.ToArray())
            {
                if (!await IsGoneAsync(session, departure.Entry, isLook, cancellationToken)) continue;
                waiting.Remove(departure.Entry.Id);
                Forget(departure.Entry.Id);
            }
            var patience = isLast ? LastPatience : waiting.Values.All(departure => departure.IsBlocked) ? FinalizerPatience : order.Patience;
            var left = patience - _time.GetElapsedTime(began);
            if (waiting.Count == 0 || left <= TimeSpan.Zero || !session.State.IsReady) break;
            ShowWaiting(order.Run, waiting);
            await WaitAsync(news, left < DepartureSafetyNet ? left : DepartureSafetyNet, cancellationToken);
        }
        foreach (var departure in waiting.Values.ToArray())
            if (!await IsStillThereAsync(session, order.Run, departure.Entry, isLast, cancellationToken)) waiting.Remove(departure.Entry.Id);
    }

    /// <summary>While the watch shows the object it is there, and no request is made.</summary>
    private static async Task<bool> IsGoneAsync(ClusterSession session, InventoryEntry entry, bool isLook, CancellationToken cancellationToken)
    {
        if (!isLook && session.Observe(entry.Id) is { IsWatched: true, Object: { } seen } && seen.Uid == entry.Uid) return false;
        var read = await ReadCandidateAsync(session, entry, cancellationToken);
        return read.Outcome == ReadOutcome.NotFound || (read.Live is { } live && live.Uid != entry.Uid);
    }

    /// <summary>Says what holds an object; foreground deletion holds one only until its dependents are gone, which is no trouble yet.</summary>
    private async Task<bool> IsStillThereAsync(ClusterSession session, SyncRun run, InventoryEntry entry, bool isLast, CancellationToken cancellationToken)
    {
        var read = await ReadCandidateAsync(session, entry, cancellationToken);
        if (read.Outcome == ReadOutcome.NotFound || (read.Live is { } found && found.Uid != entry.Uid))
        {
            Forget(entry.Id);
            return false;
        }
        var tracked = Track(entry.Id);
        tracked.Message = read.Live is { } live ? $"is being deleted{LiveFinalizers.Describe(live)}" : "is being deleted";
        if (!isLast || (read.Live is not null && LiveFinalizers.Of(read.Live).Any(LiveFinalizers.IsForeign)))
            run.Notes.Add(NewCondition(ConditionTypes.DeletionBlocked, tracked.Message, entry.Id));
        return true;
    }

    private void ShowWaiting(SyncRun run, Dictionary<ResourceId, Departure> waiting)
    {
        var message = $"waiting until {waiting.Keys.Min().Display} is gone{(waiting.Count == 1 ? "" : $" (and {waiting.Count - 1} more)")}";
        if (_state.State.Operation is not { } operation || operation.Id != run.Operation.Id || operation.Message == message) return;
        _state.State.Operation = operation with { Message = message };
        Announce();
    }

    /// <summary>What comes after an object that does not go waits for its end.</summary>
    private void StayBehind(SyncRun run, IEnumerable<PruneGroup> groups, ResourceId before)
    {
        // Some may have gone by themselves meanwhile.
        foreach (var candidate in groups.SelectMany(group => group.Deletions).Where(candidate => _inventory.Find(candidate.Entry.Id) is not null))
        {
            var id = candidate.Entry.Id;
            var tracked = Track(id);
            (tracked.Sync, tracked.Action, tracked.Message) = (SyncStatus.OutOfSync, ApplyAction.Held, $"is deleted after {before.Display}, which is not gone yet");
            _passedOver.Add(id);
            _behind.Add(id);
            run.Add(id, new WriteOutcome(ApplyAction.Held, null, tracked.Message), null);
        }
    }
}
