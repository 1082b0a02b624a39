using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Engine.Policy;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Grains.Clusters;

namespace GitOpsGrains.Grains.Targets;

/// <summary>
/// What others do to our objects. An unchanged proof costs nothing; a changed one is a question for one GET; only what a
/// forced dry run shows to differ is drift.
/// </summary>
public sealed partial class TargetGrain
{
    private readonly SemaphoreSlim _checks = new(4);

    /// <summary>Looks at everything that a watch reported since the last time.</summary>
    private Task DrainAsync()
    {
        Interlocked.Exchange(ref _draining, 0);
        _news.Raise();
        // Whoever serves the target next looks at all of it.
        if (_stopping.IsCancellationRequested) return Task.CompletedTask;
        var session = _session;
        var news = false;
        while (_changedObjects.TryDequeue(out var id))
        {
            if (_departures.Notice(id) || session is null || !_objects.TryGetValue(id, out var tracked)) continue;
            if (tracked.IsBusy || _isWriting) tracked.HasParkedEvents = true;
            else news |= Examine(session, tracked);
        }
        if (news) AnnounceSoon();
        return Task.CompletedTask;
    }

    /// <summary>
    /// Each object was held against its proof since this activation began, and since what could be in no event: the cluster was away, a
    /// kind was listed anew. A round that syncs does not do that, so another one follows it.
    /// </summary>
    private bool _hasLooked;

    /// <summary>Objects that were noted and never made, asked for once.</summary>
    private readonly HashSet<ResourceId> _asked = [];

    /// <summary>After a plan that needs no sync: what differs from its proof is examined, the rest is in sync.</summary>
    private Task LookAtAsync(SyncPlan plan)
    {
        _hasLooked = true;
        var questioned = plan.Applies.Select(apply => apply.Desired.Id).ToHashSet();
        foreach (var (id, tracked) in _objects)
        {
            if (tracked.Desired is null || questioned.Contains(id)) continue;
            if (tracked.Kept is null && !IsWidened(tracked)) tracked.Sync = SyncStatus.Synced;
            else if (!tracked.IsBusy && _session is { } live) Examine(live, tracked);
        }
        foreach (var entry in plan.PruneCandidates)
        {
            Track(entry.Id).Sync = StatusOfLeft(entry);
            // Deleted by somebody while nobody watched: no event names it.
            if (entry.Uid.Length > 0 && _session is { } watching && watching.Observe(entry.Id).IsWatched && CurrentOf(watching, entry.Id) is null && _asked.Add(entry.Id))
                Watch(ConfirmGoneAsync(watching, Track(entry.Id)), "confirm a deletion");
        }
        ForgetNeverMade(plan);
        foreach (var apply in plan.Applies)
        {
            var tracked = Track(apply.Desired.Id);
            if (IsNewDemand(apply)) tracked.Sync = SyncStatus.OutOfSync;
            else if (!tracked.IsBusy && _session is { } current) Examine(current, tracked);
        }
        ForgetOldFights();
        _conditions = [.. _conditions.Where(IsStillSo)];
        return Task.CompletedTask;
    }

    /// <summary>What the last sync reported stands until the next one, unless the object has come right by itself.</summary>
    private bool IsStillSo(Condition condition) => condition.Type switch
    {
        ConditionTypes.ApplyFailed => condition.Object is not { } id || !_objects.TryGetValue(id, out var tracked) || tracked.Sync != SyncStatus.Synced,
        ConditionTypes.DeletionBlocked or ConditionTypes.PruneHeld or ConditionTypes.PruneFailed => condition.Object is not { } id || _objects.ContainsKey(id),
        ConditionTypes.PartiallyApplied or ConditionTypes.Restored or ConditionTypes.TimedOut or ConditionTypes.HookFailed or ConditionTypes.PreflightFailed => true,
        ConditionTypes.HealthCheckFailed => _objects.Values.Any(tracked => HealthOf(tracked) is { Status: not (HealthStatus.Healthy or HealthStatus.Suspended) }),
        ConditionTypes.SharedObject => condition.Object is { } id && _session is { } session && OtherOwner(session, id) is not null,
        _ => false,
    };

    /// <summary>Holds what the watch shows against the proof; true when there is something new to say.</summary>
    private bool Examine(ClusterSession session, TrackedObject tracked)
    {
        var before = (tracked.Sync, tracked.Message);
        var current = CurrentOf(session, tracked.Id);
        var entry = _inventory.Find(tracked.Id);
        if (tracked.Desired is null)
        {
            if (current is null) Watch(ConfirmGoneAsync(session, tracked), "confirm a deletion");
            else LookForApproval(session, tracked);
            return false;
        }
        if (_state.State.Releasing is not null)
        {
            if (current is null) Work();
            return false;
        }
        // What the project does not allow any more is not written, not even to put it back.
        if (_built is null) return false;
        if (entry is null || entry.DesiredHash != tracked.Desired.Hash)
        {
            // It could not be applied while the old object was still going away: now it is gone.
            if (current is not null) tracked.IsGoneNoted = false;
            else if (tracked is { Action: ApplyAction.Failed, IsGoneNoted: false })
            {
                tracked.IsGoneNoted = true;
                TryNow();
                Work();
            }
            return false;
        }
        var question = current is null ? ProofQuestion.None : ProofCheck.Compare(entry.Proof, current);
        if (current is not null && question == ProofQuestion.None && !MayBeLetGo(tracked, entry, current) && !MayBeWidened(entry, current))
        {
            (tracked.Sync, tracked.Message) = tracked.Kept is { } kept ? (SyncStatus.OutOfSync, kept.Message) : (SyncStatus.Synced, null);
            // Health travels in the same events.
            return true;
        }
        // What is gone is not held up: the growing pauses between heals bound it.
        var wait = current is not null && tracked.CheckedAt is { } at ? CheckPace.Pause(tracked.Checks, IsNoise(question)) - _time.GetElapsedTime(at) : TimeSpan.Zero;
        if (wait > TimeSpan.Zero) ExamineLater(tracked, wait);
        else Check(session, tracked, tracked.Desired);
        return before != (tracked.Sync, tracked.Message);
    }

    /// <summary>An object that left Git shows no more: it is gone, or only lost our label and is a question for the guards again.</summary>
    private async Task ConfirmGoneAsync(ClusterSession session, TrackedObject tracked)
    {
        if (_inventory.Find(tracked.Id) is not { } entry) return;
        var candidate = await ReadCandidateAsync(session, entry, _stopping.Token);
        // A sync has begun meanwhile: asked again when it is over.
        tracked.HasParkedEvents |= _isWriting;
        if (tracked.Desired is not null || _isWriting) return;
        if (candidate.Outcome == ReadOutcome.NotFound) Forget(tracked.Id);
        else _passedOver.Remove(tracked.Id);
        Work();
    }

    /// <summary>What was noted before its first write, which the cluster refused, and is desired no more.</summary>
    private void ForgetNeverMade(SyncPlan plan)
    {
        foreach (var entry in plan.PruneCandidates.Where(entry => entry.Uid.Length == 0))
            if (_session is { } session && CurrentOf(session, entry.Id) is null && _asked.Add(entry.Id))
                Watch(ForgetNeverMadeAsync(session, Track(entry.Id)), "look for an object that was never made");
    }

    private async Task ForgetNeverMadeAsync(ClusterSession session, TrackedObject tracked)
    {
        if (_inventory.Find(tracked.Id) is not { Uid.Length: 0 } entry) return;
        var candidate = await ReadCandidateAsync(session, entry, _stopping.Token);
        if (candidate.Outcome != ReadOutcome.NotFound || tracked.Desired is not null || _inventory.Find(tracked.Id) != entry) return;
        Forget(tracked.Id);
        Work();
    }

    /// <summary>What writes of others beside our fields make of a proof.</summary>
    private static bool IsNoise(ProofQuestion question) =>
        question is ProofQuestion.None or ProofQuestion.ContentChanged or ProofQuestion.GenerationChanged or ProofQuestion.VersionChanged;

    private void ExamineLater(TrackedObject tracked, TimeSpan wait)
    {
        var due = _time.GetTimestamp() + (long)(wait.TotalSeconds * _time.TimestampFrequency);
        if (tracked.RecheckDue <= due) return;
        tracked.RecheckDue = due;
        Watch(WaitAsync(), "wait before a check");

        async Task WaitAsync()
        {
            await Task.Delay(wait, _time, _stopping.Token);
            // An earlier one was scheduled meanwhile.
            if (tracked.RecheckDue != due) return;
            tracked.RecheckDue = null;
            ((ITargetEvents)this).OnObjectChanged(tracked.Id);
        }
    }

    /// <summary>Starts a check; a sync that comes to the object meanwhile waits for its end.</summary>
    private void Check(ClusterSession session, TrackedObject tracked, DesiredObject desired)
    {
        if (desired.IsOutline)
        {
            BringBodies();
            return;
        }
        tracked.Checking = CheckAsync(session, tracked, desired, _desiredFrom);
        Watch(tracked.Checking, "check an object");
    }

    /// <summary>Answers the question with one GET, and a dry run only if the content differs.</summary>
    /// <param name="set">The set that the desired object is of.</param>
    private async Task CheckAsync(ClusterSession session, TrackedObject tracked, DesiredObject desired, Digest set)
    {
        if (session.State is not { Catalog: { } catalog, Connection: { } link }) return;
        tracked.IsBusy = true;
        await _checks.WaitAsync(_stopping.Token);
        try
        {
            if ((ResourceOf(catalog, desired) ?? await ResourceAnewAsync(session, desired)) is not { } resource)
            {
                if (StepsBack(tracked, desired)) return;
                (tracked.Sync, tracked.Message) = (SyncStatus.OutOfSync, NotServed(tracked.Id, desired.ApiVersion));
                AwaitHome(tracked);
                return;
            }
            Instruments.Checks.Add(1);
            tracked.CheckedAt = _time.GetTimestamp();
            var connection = link.Checks;
            LiveObject? live;
            for (var attempt = 1; ; attempt++)
            {
                if (StepsBack(tracked, desired)) return;
                var read = await connection.GetAsync(resource, tracked.Id, _stopping.Token);
                if (!read.IsSuccess && read.Error.Kind != ClusterErrorKind.NotFound)
                {
                    (tracked.Sync, tracked.Message) = (SyncStatus.Unknown, read.Error.Message);
                    ExamineLater(tracked, CheckPace.Shortest);
                    return;
                }
                tracked.HasParkedEvents |= attempt > ObjectWriter.MaxAttempts;
                if (attempt > ObjectWriter.MaxAttempts || StepsBack(tracked, desired)) return;
                live = read.Value;
                if (live is null) break;
                var verdict = await CompareAsync(connection, resource, tracked, desired, live);
                if (verdict == Comparison.Equal) return;
                if (verdict == Comparison.Differs) break;
            }
            if (!StepsBack(tracked, desired)) await RepairAsync(session, tracked, desired, set, live);
        }
        finally
        {
            _checks.Release();
            tracked.IsBusy = false;
            if (tracked.HasParkedEvents && !_isWriting)
            {
                tracked.HasParkedEvents = false;
                ((ITargetEvents)this).OnObjectChanged(tracked.Id);
            }
            AnnounceSoon();
        }
    }

    /// <summary>A definition that comes back after its kind was found missing is no news to anybody; callers that come together share one answer.</summary>
    private async Task<ApiResource?> ResourceAnewAsync(ClusterSession session, DesiredObject desired) =>
        await session.RediscoverAsync(_stopping.Token) is { } catalog ? ResourceOf(catalog, desired) : null;

    /// <summary>
    /// Whether another manifest is desired by now, or a sync has begun that may write more than this check knows of. The
    /// question stands: it is asked again when the sync is over.
    /// </summary>
    private bool StepsBack(TrackedObject tracked, DesiredObject desired)
    {
        if (tracked.Desired == desired && !_isWriting && _state.State is { Desired: not null, Releasing: null }) return false;
        // It counts as no check: its pause would only begin when the sync is over.
        (tracked.HasParkedEvents, tracked.CheckedAt) = (true, null);
        return true;
    }

    private enum Comparison
    {
        Equal,
        Differs,
        /// <summary>It was changed between the read and the dry run.</summary>
        Outdated,
    }

    /// <summary>Whether the object as read is as desired; notes the differences when it is not.</summary>
    private async Task<Comparison> CompareAsync(
        IClusterConnection connection, ApiResource resource, TrackedObject tracked, DesiredObject desired, LiveObject live)
    {
        if (live.IsDeleting)
        {
            (tracked.Sync, tracked.Message) = (SyncStatus.OutOfSync, $"is being deleted{LiveFinalizers.Describe(live)}");
            return Comparison.Equal;
        }
        var policy = LivePolicy.Of(PolicyOf(desired), live);
        if (!policy.IsCompared)
        {
            // No proof for what somebody has taken out of our hands: the end of that must be a question.
            if (!policy.IsIgnored) Prove(tracked, desired, live, []);
            (tracked.Sync, tracked.Message, tracked.Drift) = (SyncStatus.Synced, policy.Reason, []);
            return Comparison.Equal;
        }
        var observed = ObservedObject.From(live, full: true, health: null);
        var proof = _inventory.Find(tracked.Id)?.Proof;
        if (proof is not null && proof.HasContentOf(observed)) return Settle(tracked, desired, live);
        var (ignores, rules) = (IgnoresOf(tracked.Id), ProofRules(tracked.Id));
        var dry = await ObjectDryRun.SendAsync(connection, resource, desired, live, policy, _stopping.Token);
        if (!dry.IsSuccess)
        {
            if (dry.Error.Kind == ClusterErrorKind.Conflict) return Comparison.Outdated;
            // Refused: whatever it is, it is not as desired; the heal's own answer says why.
            return Differs(tracked, ObjectDiff.Compute(desired.Json(), live, DiffScope.WantedFields, ignores, MaskOf(tracked.Id)), live);
        }
        // What was compared under other rules proves nothing under these.
        if (rules != ProofRules(tracked.Id)) return Comparison.Outdated;
        var differences = DriftBasis.Differences(desired, dry.Value.Root, live, policy, ignores, MaskOf(tracked.Id));
        return differences.Count > 0 ? Differs(tracked, differences, live) : Settle(tracked, desired, live);
    }

    private static Comparison Differs(TrackedObject tracked, IReadOnlyList<FieldDifference> differences, LiveObject live)
    {
        tracked.Drift = [.. differences.Take(MaxFieldsShown).Select(difference =>
            WithOwner(new DriftView { Path = difference.Path, From = difference.To, To = difference.From }, FieldOwners.Of(live, difference.Path)))];
        return Comparison.Differs;
    }

    /// <summary>All that Git says is so; what others added beside it may still be unwelcome.</summary>
    private Comparison Settle(TrackedObject tracked, DesiredObject desired, LiveObject live)
    {
        if (Removable(live) is { IsEmpty: false } unwelcome)
            return Differs(tracked, RemovableFields.Differences(live, unwelcome, MaskOf(tracked.Id)), live);
        Prove(tracked, desired, live, StillKept(tracked.Id, live));
        tracked.Checks = CheckPace.FoundNothing(tracked.Checks, _time.GetUtcNow());
        return Comparison.Equal;
    }
}
