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

/// <summary>Putting back what others changed, at the pace that the policy allows, and saying so when they do not stop.</summary>
public sealed partial class TargetGrain
{
    private readonly Dictionary<ResourceId, Condition> _fights = [];
    private bool _fenceClaimed;

    private const int MaxRepairedSaid = 10;

    /// <summary>Drift: repaired at once where the policy says so, with growing pauses when it comes back; else reported.</summary>
    private async Task RepairAsync(ClusterSession session, TrackedObject tracked, DesiredObject desired, Digest set, LiveObject? live)
    {
        var policy = _state.State.Desired!;
        tracked.Sync = SyncStatus.OutOfSync;
        tracked.Message = live is null ? "was deleted from the cluster" : $"{tracked.Drift.Count} fields differ from Git";
        if (live is null) tracked.Drift = [];
        tracked.Checks = CheckHistory.None;
        var now = _time.GetUtcNow();
        if (!policy.Sync.SelfHeal || policy.Suspended || WaitsForWindow())
        {
            Unprove(tracked);
            return;
        }
        var allowed = HealBackoff.NextAllowed(tracked.Heals, now);
        if (allowed > now)
        {
            Unprove(tracked);
            tracked.Message += $"; repaired again in {(allowed - now).TotalSeconds:0} s, since it keeps coming back";
            ExamineLater(tracked, allowed - now);
            return;
        }
        if (live is not null) NoteFight(tracked, desired, live, now);
        await NoteAutoscalerAsync(session, tracked);
        await ClaimFenceAsync();
        if (StepsBack(tracked, desired)) return;
        var before = tracked.Heals;
        tracked.Heals = HealBackoff.Healed(before, now);
        var repair = new RepairView { Time = now, Drift = live is null ? [] : [.. tracked.Drift.Take(MaxRepairedSaid)] };
        // With a namespace that we made, all that was in it is gone; nobody else makes it again.
        if (live is null && desired.Id.Namespace == policy.Namespace) await CreateNamespaceAsync(session, policy, _stopping.Token);
        var outcome = await HealAsync(session, tracked, desired, set, live);
        Instruments.Heals.Add(1);
        if (outcome is { Action: ApplyAction.Failed })
        {
            LogNotHealed(Key, tracked.Id, outcome.Message ?? "no reason was given");
            Unprove(tracked);
        }
        if (outcome is null) tracked.HasParkedEvents = true;
        else if (outcome.Error is { Kind: ClusterErrorKind.NotFound })
        {
            // An apply makes what is not there: this says that its namespace or its kind is gone, and that is no quarrel about this object.
            tracked.Heals = before;
            AwaitHome(tracked);
        }
        else if (outcome.Action == ApplyAction.Failed) ExamineLater(tracked, HealBackoff.Delay(tracked.Heals.Heals));
        else if (outcome.Action == ApplyAction.Skipped)
        {
            // Nothing was written: it is no repair, and another one need not wait for it.
            tracked.Heals = before;
            Unprove(tracked);
            if (outcome.IsSuperseded) ExamineLater(tracked, CheckPace.Shortest);
        }
        else
        {
            (tracked.Repaired, tracked.Homeless) = (repair, 0);
            LogHealed(Key, tracked.Id, live is null ? "deleted" : string.Join(", ", repair.Drift.Take(3).Select(drift => drift.Manager is null ? drift.Path : $"{drift.Path} by {drift.Manager}")));
            if (live is null) Watch(BringBackAsync(session, desired), "bring back what was lost with an object");
        }
    }

    /// <summary>
    /// What is known to differ is a question until a check or a write answers it: the proof alone may not show it, be it that the watch
    /// does not, or that it is about what others added.
    /// </summary>
    private void Unprove(TrackedObject tracked)
    {
        if (_inventory.Find(tracked.Id) is { Proof: not null } entry) _inventory.Set(entry with { Proof = null });
    }

    /// <summary>Looked at again after 10, 20, 40 … 300 s; at once when this target has made the namespace or the definition again.</summary>
    private void AwaitHome(TrackedObject tracked) => ExamineLater(tracked, CheckPace.After(tracked.Homeless++));

    /// <summary>With a namespace or a definition all that was in it is gone, and could not be made before it is there again.</summary>
    private async Task BringBackAsync(ClusterSession session, DesiredObject home)
    {
        Func<ResourceId, bool> livesThere;
        if (home.Id is { Group: "", Kind: "Namespace" }) livesThere = id => id.Namespace == home.Id.Name;
        else if (home.Id is { Group: "apiextensions.k8s.io", Kind: "CustomResourceDefinition" })
        {
            if (!await AwaitEstablishedAsync(session, home, _time.GetTimestamp(), _stopping.Token)) return;
            await session.RediscoverAsync(_stopping.Token);
            // The name of a definition is "plural.group".
            livesThere = id => id.Group.Length > 0 && home.Id.Name.EndsWith("." + id.Group, StringComparison.Ordinal);
        }
        else return;
        foreach (var tracked in _objects.Values.Where(tracked => tracked is { Desired: not null, Sync: not SyncStatus.Synced } && livesThere(tracked.Id)))
        {
            (tracked.RecheckDue, tracked.Homeless) = (null, 0);
            ((ITargetEvents)this).OnObjectChanged(tracked.Id);
        }
    }

    /// <summary>Null: the object was changed meanwhile, and is to be looked at again.</summary>
    private async Task<WriteOutcome?> HealAsync(ClusterSession session, TrackedObject tracked, DesiredObject desired, Digest set, LiveObject? live)
    {
        var seen = live is null ? null : ObservedObject.From(live, full: true, health: null);
        if (live is not null && Removable(live) is { IsEmpty: false } unwelcome)
        {
            if (await TakeFieldsAsync(session, desired, live, unwelcome) is { } error)
                return error.Kind == ClusterErrorKind.Conflict ? null : Note(tracked, desired, WriteOutcome.Failed(error.Message, error));
            // The version that was seen is past.
            seen = null;
        }
        tracked.IsHealing = true;
        try
        {
            return await WriteAsync(session, new PlannedApply(desired, ApplyReason.Heal, ProofQuestion.None, seen), tracked, set, absent: null);
        }
        finally
        {
            tracked.IsHealing = false;
        }
    }

    /// <summary>The third rewrite of a path by one manager within ten minutes is said, with a line that ends it.</summary>
    private void NoteFight(TrackedObject tracked, DesiredObject desired, LiveObject live, DateTimeOffset now)
    {
        foreach (var drift in tracked.Drift.Where(drift => drift is { Manager: not null, Likely: not true }).Take(10))
        {
            (tracked.Rewrites, var fight) = FightDetector.Record(tracked.Rewrites, drift.Path, drift.Manager!, now);
            if (!fight) continue;
            _fights[tracked.Id] = NewCondition(ConditionTypes.Fight,
                $"{drift.Manager} keeps changing {drift.Path} (Git: {drift.From ?? "absent"}, theirs: {drift.To ?? "absent"}); to leave it to them: "
                + IgnoreSuggestion.For(live, desired.Json(), drift.Path), tracked.Id);
        }
    }

    private void ForgetOldFights()
    {
        var now = _time.GetUtcNow();
        foreach (var id in _fights.Keys.Where(id => !_objects.TryGetValue(id, out var tracked)
            || tracked.Rewrites.All(rewrite => rewrite.Times.Count == 0 || now - rewrite.Times[^1] >= FightDetector.Window)).ToArray())
            _fights.Remove(id);
    }

    /// <summary>
    /// The first write of an activation is preceded by a write of its own state: another activation that took over has
    /// changed the etag, and this one stops here.
    /// </summary>
    private async Task ClaimFenceAsync()
    {
        if (_fenceClaimed) return;
        _state.State.Intent ??= new SyncIntent();
        _state.State.Intent.Generation++;
        await StoreAsync();
        _fenceClaimed = true;
    }
}
