using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Engine.Policy;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Grains.Clusters;

namespace GitOpsGrains.Grains.Targets;

/// <summary>Deleting what left Git, as far as every guard lets it.</summary>
public sealed partial class TargetGrain
{
    private const int MaxHoldDoublings = 6;
    private static readonly TimeSpan HoldPause = TimeSpan.FromSeconds(5);

    /// <summary>Objects that the last sync was not allowed to delete: they alone make no new sync due.</summary>
    private readonly HashSet<ResourceId> _passedOver = [];

    private int _holds;

    /// <summary>In one or two turns: the guards look at all that left Git each time, so that no budget is spent twice.</summary>
    private async Task PruneAsync(ClusterSession session, SyncRun run, SyncPlan plan, Func<InventoryEntry, bool> now, CancellationToken cancellationToken)
    {
        if (!run.HasPruned) BeginPruning(run, plan);
        run.HasPruned = true;
        var entries = plan.PruneCandidates.Where(entry => run.Order.Includes(entry.Id) && _inventory.Find(entry.Id) is not null).ToArray();
        var due = entries.Where(now).Select(entry => entry.Id).ToHashSet();
        if (!run.Order.Prune || due.Count == 0) return;
        var request = await PruneRequestAsync(session, run, entries, cancellationToken);
        PruneVerdict[] verdicts = [.. PruneGuards.Decide(request).Where(verdict => due.Contains(verdict.Candidate.Entry.Id))];
        TakeAll(run, verdicts);
        var order = new DeletionOrder(run.Operation.Id, run.Desired.Revision.Commit, request, run, run.Desired.Sync.HealthTimeout)
        {
            Propagation = candidate => PropagationOf(request.Options.Value(PropagationOption, LiveAnnotations.Of(candidate.Live!)) ?? run.Desired.Sync.Prune.Propagation),
            AskAgain = (entries, token) => PruneRequestAsync(session, run, entries, token),
        };
        await DeleteInOrderAsync(session, order, PruneOrder.Of(verdicts, PruneCause.LeftGit), cancellationToken);
        KeepApprovals(verdicts, request, order.Undeleted);
    }

    private void BeginPruning(SyncRun run, SyncPlan plan)
    {
        foreach (var handed in plan.HandedOver)
        {
            _inventory.Remove(handed.Entry.Id);
            _objects.Remove(handed.Entry.Id);
            run.Add(handed.Entry.Id, new WriteOutcome(ApplyAction.HandedOver, null, $"{handed.Target} has it now"), null);
        }
        _passedOver.Clear();
        _behind.Clear();
        // A sync of selected objects says nothing of the others.
        var left = plan.PruneCandidates.Select(entry => entry.Id).ToHashSet();
        _state.State.Held.RemoveAll(held => run.Order.Includes(held.Id) && !left.Contains(held.Id));
        _state.State.Approved.RemoveAll(id => run.Order.Includes(id) && !left.Contains(id));
    }

    /// <summary>An approval is used up, but where what was approved only has to wait.</summary>
    /// <param name="undeleted">Whose turn came and who was not deleted: for the moment, with the kinds in doubt right after a definition went.</param>
    private void KeepApprovals(IReadOnlyList<PruneVerdict> verdicts, PruneRequest request, IEnumerable<ResourceId> undeleted)
    {
        var waiting = verdicts.Where(verdict => verdict is { Decision: PruneDecision.Hold, NeedsApproval: false } && request.IsApproved(verdict.Candidate.Entry.Id))
            .Select(verdict => verdict.Candidate.Entry.Id).Concat(_behind).Concat(undeleted).ToHashSet();
        var asked = verdicts.Select(verdict => verdict.Candidate.Entry.Id).ToHashSet();
        _state.State.Approved.RemoveAll(id => asked.Contains(id) && !waiting.Contains(id));
    }

    /// <summary>The objects as they are now, and the kinds that the cluster serves now; null when it does not say.</summary>
    private static async Task<(IReadOnlyList<PruneCandidate> Candidates, ApiCatalog? Catalog)> ReadCandidatesAsync(
        ClusterSession session, IEnumerable<InventoryEntry> entries, CancellationToken cancellationToken)
    {
        // Asked anew, and first: of a kind that came since the cluster was last asked, or that was left out then, nothing would be found.
        var catalog = await session.RediscoverAsync(cancellationToken);
        var candidates = new List<PruneCandidate>();
        foreach (var window in entries.Chunk(MaxInFlight))
            candidates.AddRange(await Task.WhenAll(window.Select(entry => ReadCandidateAsync(session, entry, cancellationToken))));
        return (candidates, catalog);
    }

    private static async Task<PruneCandidate> ReadCandidateAsync(ClusterSession session, InventoryEntry entry, CancellationToken cancellationToken)
    {
        var state = session.State;
        if (state.Connection is null || state.Catalog?.Find(entry.Id.Group, entry.Id.Kind) is not { } resource)
            // A kind that a complete discovery does not know has no objects any more.
            return new PruneCandidate(entry, state.Catalog is { IsComplete: true } ? ReadOutcome.NotFound : ReadOutcome.Failed, null);
        var read = await state.Connection.GetAsync(resource, entry.Id, cancellationToken);
        if (read.IsSuccess)
            // An entry without uid was written before its creation; the object is ours if its annotation says so, which the guards check.
            return new PruneCandidate(entry.Uid.Length == 0 ? entry with { Uid = read.Value.Uid } : entry, ReadOutcome.Found, read.Value);
        return new PruneCandidate(entry, read.Error.Kind == ClusterErrorKind.NotFound ? ReadOutcome.NotFound : ReadOutcome.Failed, null);
    }

    /// <summary>All that the guards want to know, read now.</summary>
    private async Task<PruneRequest> PruneRequestAsync(
        ClusterSession session, SyncRun run, IReadOnlyList<InventoryEntry> entries, CancellationToken cancellationToken)
    {
        var (approved, since) = (_state.State.Approved.ToHashSet(), SinceHeld());
        var (candidates, catalog) = await ReadCandidatesAsync(session, entries, cancellationToken);
        var same = await session.IsSameClusterAsync(cancellationToken);
        var pending = (await Task.WhenAll(run.Desired.ToSubject().Repositories.Select(name => GrainFactory.GetGrain<IRepositoryGrain>(name).UnsettledAsync(_cluster))))
            .SelectMany(names => names).Distinct(StringComparer.Ordinal).ToArray();
        cancellationToken.ThrowIfCancellationRequested();
        return new PruneRequest
        {
            Cause = PruneCause.LeftGit,
            Owner = _owner!,
            Policy = PolicyOf(run),
            Candidates = candidates,
            InventoryCount = _inventory.Entries.Count,
            IsRenderSucceeded = _built is { Faults.Count: 0 },
            DesiredCount = _built?.Objects.Count ?? 0,
            IsDiscoveryComplete = catalog is { IsComplete: true },
            IsClusterSame = same,
            PendingRenders = [.. pending.Where(application => application != $"{_project}/{_application}")],
            Silent = OtherUndecided(session),
            Options = run.Options,
            IsDesired = id => session.Claims.OwnerOf(id) == Key,
            WantedByOther = id => OtherOwner(session, id),
            NamedByOther = id => NamedByOther(session, id),
            DesiredWithin = id => DesiredWithin(session, id),
            HeldSince = id => since.TryGetValue(id, out var at) ? at : null,
            IsApproved = approved.Contains,
        };
    }

    private IReadOnlyList<string> OtherUndecided(ClusterSession session) => [.. session.Undecided.Where(target => target != Key)];

    private string? NamedByOther(ClusterSession session, ResourceId id)
    {
        if (session.Claims.NamedBy(id, Key) is not { } target) return null;
        var (project, application, _) = GrainKeys.ParseTarget(target);
        return $"the application {project}/{application}";
    }

    /// <summary>
    /// What the policy says by now: a sync may wait for minutes before it prunes, and nothing is deleted that the application, its
    /// project or a person has forbidden meanwhile. Of two budgets the smaller one counts.
    /// </summary>
    private PrunePolicy PolicyOf(SyncRun run)
    {
        var (then, now) = (run.Desired.Sync.Prune, (_state.State.Desired ?? run.Desired).Sync.Prune);
        return new PrunePolicy
        {
            IsEnabled = _state.State.Desired is { Suspended: false } && (now.Enabled || (!then.Enabled && run.Order.Trigger == SyncTriggers.User)),
            AllowEmpty = then.AllowEmpty && now.AllowEmpty,
            BudgetObjects = Math.Min(then.Budget.Objects, now.Budget.Objects),
            BudgetPercent = Math.Min(then.Budget.Percent, now.Budget.Percent),
            ConfirmKinds = then.ConfirmKinds.Concat(now.ConfirmKinds).ToHashSet(StringComparer.Ordinal),
        };
    }

    /// <summary>As it is now: the list is made anew while the request is still being acted on.</summary>
    private Dictionary<ResourceId, DateTimeOffset> SinceHeld() => _state.State.Held.ToDictionary(held => held.Id, held => held.Since);

    private DateTimeOffset? HeldSince(ResourceId id) => _state.State.Held.Find(held => held.Id == id)?.Since;

    private static string? DesiredWithin(ClusterSession session, ResourceId container)
    {
        if (!ApplyOrder.IsNamespace(container) && !ApplyOrder.IsDefinition(container)) return null;
        if (session.Claims.FirstOf(id => PruneOrder.Contains(container, id)) is not { } claim) return null;
        var (project, application, _) = GrainKeys.ParseTarget(claim.Owner);
        return $"{claim.Id.Display} of the application {project}/{application}";
    }

    /// <summary>Everything but the deletions; what is held of these objects is said anew at once, so that the list is never half there.</summary>
    private void TakeAll(SyncRun run, IReadOnlyList<PruneVerdict> verdicts)
    {
        var asked = verdicts.Select(verdict => verdict.Candidate.Entry.Id).ToHashSet();
        var before = _state.State.Held.Where(held => asked.Contains(held.Id)).ToDictionary(held => held.Id, held => held.Since);
        _state.State.Held.RemoveAll(held => asked.Contains(held.Id));
        foreach (var verdict in verdicts.Where(verdict => verdict.Decision != PruneDecision.Prune)) Take(run, verdict);
        foreach (var held in _state.State.Held)
            if (before.TryGetValue(held.Id, out var since)) held.Since = since;
    }

    /// <summary>Carries out a verdict that deletes nothing.</summary>
    private void Take(SyncRun run, PruneVerdict verdict)
    {
        var entry = verdict.Candidate.Entry;
        switch (verdict.Decision)
        {
            case PruneDecision.Gone:
                Forget(entry.Id);
                return;
            case PruneDecision.Skip when verdict.StaysInInventory:
                Keep(run, entry, verdict.Reason);
                return;
            case PruneDecision.Skip:
                Forget(entry.Id);
                run.Add(entry.Id, new WriteOutcome(ApplyAction.Skipped, null, verdict.Reason), null);
                return;
            case PruneDecision.HandOver:
                Forget(entry.Id);
                run.Add(entry.Id, new WriteOutcome(ApplyAction.HandedOver, null, verdict.Reason), null);
                return;
            case PruneDecision.Hold:
                Hold(run, entry.Id, verdict);
                return;
            default:
                throw new InvalidOperationException($"a deletion is not carried out here: {verdict.Decision}");
        }
    }

    private void Keep(SyncRun run, InventoryEntry entry, string reason)
    {
        _passedOver.Add(entry.Id);
        var kept = Track(entry.Id);
        (kept.Sync, kept.Action, kept.Message) = (StatusOfLeft(entry), ApplyAction.Skipped, reason);
        run.Add(entry.Id, new WriteOutcome(ApplyAction.Skipped, null, reason), null);
        // The live object says it by itself: from here on, whoever takes the annotation off it wants it gone.
        if (entry.Wishes is null) return;
        _inventory.Set(entry with { Wishes = null });
        FlushSoon();
    }

    /// <summary>Of an object that is in Git no more.</summary>
    private static SyncStatus StatusOfLeft(InventoryEntry? entry) => entry is { IgnoresExtraneous: true } ? SyncStatus.Synced : SyncStatus.OutOfSync;

    private void Hold(SyncRun run, ResourceId id, PruneVerdict verdict)
    {
        var tracked = Track(id);
        (tracked.Sync, tracked.Action, tracked.Message) = (StatusOfLeft(verdict.Candidate.Entry), ApplyAction.Held, verdict.Reason);
        _passedOver.Add(id);
        // What only has to wait is asked again soon; what needs a person waits for the person. The end of what is being
        // deleted is seen.
        if (verdict.Candidate.Live is { IsDeleting: true } deleting)
        {
            _session?.Follow(id, Key);
            tracked.Message = $"is being deleted{LiveFinalizers.Describe(deleting)}";
            return;
        }
        if (!verdict.NeedsApproval) ComeBackForHeld();
        else _state.State.Held.Add(new HeldPrune { Id = id, Reason = verdict.Reason, Since = _time.GetUtcNow() });
        run.Notes.Add(NewCondition(ConditionTypes.PruneHeld,
            verdict.NeedsApproval ? $"{verdict.Reason}; approve it with: gitopsctl app approve {_project}/{_application}" : verdict.Reason, id));
    }

    /// <summary>
    /// Something happened to an object that waits for a person: it may carry the person's approval now. Looked at once per
    /// <see cref="CheckPace.Shortest"/> at most.
    /// </summary>
    private void LookForApproval(ClusterSession session, TrackedObject tracked)
    {
        if (HeldSince(tracked.Id) is not { } since || _inventory.Find(tracked.Id) is not { } entry) return;
        var wait = tracked.CheckedAt is { } at ? CheckPace.Shortest - _time.GetElapsedTime(at) : TimeSpan.Zero;
        if (wait > TimeSpan.Zero)
        {
            ExamineLater(tracked, wait);
            return;
        }
        tracked.CheckedAt = _time.GetTimestamp();
        Watch(LookAsync(), "look for an approval");

        async Task LookAsync()
        {
            var candidate = await ReadCandidateAsync(session, entry, _stopping.Token);
            if (candidate.Live is not { } live || DeletionWish.ApprovedAt(live) is not { } approved || approved.ToUnixTimeSeconds() < since.ToUnixTimeSeconds()) return;
            _passedOver.Remove(tracked.Id);
            Work();
        }
    }

    /// <summary>The longer it is held, the longer the pauses.</summary>
    private void ComeBackForHeld() => ComeBack(HoldPause * Math.Pow(2, Math.Min(_holds++, MaxHoldDoublings)));

    private void Forget(ResourceId id)
    {
        _inventory.Remove(id);
        // A newer commit may want it again.
        if (_state.State.Releasing is not null || !_objects.TryGetValue(id, out var tracked) || tracked.Desired is null)
        {
            _objects.Remove(id);
            _session?.Unfollow(id, Key);
        }
        if (_behind.Count > 0 && !_behind.Contains(id))
        {
            _passedOver.ExceptWith(_behind);
            _behind.Clear();
        }
        FlushSoon();
    }

    private const string PropagationOption = "PrunePropagationPolicy";

    private static Propagation PropagationOf(string policy) => policy switch
    {
        Documents.PropagationPolicies.Background => Propagation.Background,
        Documents.PropagationPolicies.Orphan => Propagation.Orphan,
        _ => Propagation.Foreground,
    };
}
