using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Grains.Clusters;

namespace GitOpsGrains.Grains.Targets;

/// <summary>The loop: connect, build the desired state, plan, then sync or look at drift.</summary>
public sealed partial class TargetGrain
{
    /// <summary>So many are built in the time that another thread takes to be found for it.</summary>
    private const int FewObjects = 16;

    private static readonly TimeSpan KindPause = TimeSpan.FromSeconds(15);

    /// <summary>Less than the pause, so that who comes back alone always asks.</summary>
    private static readonly TimeSpan KindAge = KindPause - TimeSpan.FromSeconds(1);

    private DesiredState? _built;

    /// <summary>With the session, which knows the claims of what was built for it: the next one may have the same catalog.</summary>
    private (Digest Set, string Namespace, ApiCatalog? Catalog, ClusterSession? Session) _builtFrom;

    private IReadOnlyList<string> _builtOptions = [];
    private AllowedObjects? _builtAllowed;

    /// <summary>The set that the tracked objects' desired manifests are of; a newer one may be at hand and not taken over.</summary>
    private Digest _desiredFrom;
    private IReadOnlyList<Condition> _conditions = [];
    private IReadOnlyList<Condition> _unwatched = [];

    /// <summary>The kinds of all that is desired or held: their watches vouch for this target.</summary>
    private IReadOnlySet<(string Group, string Kind)> _kinds = new HashSet<(string, string)>();
    private IReadOnlyList<Condition> _notices = [];

    /// <summary>Stored: what was asked for is carried out after a restart too.</summary>
    private TargetSyncOrder? Ordered
    {
        get => _state.State.Ordered;
        set => _state.State.Ordered = value;
    }

    /// <summary>Why the order that waits is not to be carried out.</summary>
    private string? _orderRefused;
    private int _attempts;

    private async Task WorkAsync()
    {
        if (_stopping.IsCancellationRequested) return;
        _isBringing = false;
        if (_isEndUnstored) await StoreEndAsync();
        // Nothing is deleted for what is not stored yet: the storage may refuse it.
        if (_state.State.Releasing is not null) await _writes.EndedAsync();
        if (_state.State.Released) return;
        await RestoreOrderedAsync();
        if (_state.State.Releasing is { } release)
        {
            await EndSettlingAsync();
            await ReleaseAllAsync(release);
            return;
        }
        if (_state.State.Desired is not { } desired) return;
        if (await ConnectAsync() is not { } session)
        {
            await FailOrderedAsync(_conditions.Count > 0 ? _conditions[0].Message : "the cluster is not connected yet");
            NoteWaits(_conditions.Count > 0 ? _conditions[0].Message : $"cluster {_cluster} is not connected yet");
            Announce();
            return;
        }
        var built = await BuildAsync(session, desired);
        if (!IsCurrent(desired)) return;
        if (built is null)
        {
            var reason = _conditions.Count > 0 ? ConditionViews.Sentence(_conditions[0]) : "there is nothing to apply";
            await FailOrderedAsync(reason);
            NoteWaits(reason);
            // Its definition may come from elsewhere, or be hidden by a part of the server that is away.
            if (_retry is null && _conditions.Any(condition => condition.Type == ConditionTypes.KindUnknown)) ComeBack(KindPause);
            Announce();
            return;
        }
        await WatchKindsAsync(session, built);
        if (!IsCurrent(desired)) return;
        if (!session.State.IsReady)
        {
            // It was lost meanwhile: the next round says so.
            Work();
            return;
        }
        if (desired.Suspended) await FailOrderedAsync("the application is suspended");
        if (_orderRefused is { } refused)
        {
            _orderRefused = null;
            await FailOrderedAsync(refused);
        }
        FollowWindows();
        if (Ordered is { } asked && RefusalOf(asked, built) is { } refusal) await FailOrderedAsync(refusal);
        await TakeBackAsync(session);
        if (!IsCurrent(desired)) return;
        var plan = Plan(session, built);
        if (await NextOrderAsync(desired, built, plan) is { } order)
        {
            _needsBodies |= built.IsOutline;
            if (built.IsOutline || await AsksForKindsAsync(session, built))
            {
                // What has changed meanwhile counts in the next round: nothing here is known any more.
                Work();
                return;
            }
            await SyncAsync(session, desired, built, plan, order);
        }
        else
        {
            _hasAskedForKinds = false;
            await LookAtAsync(plan);
            SealIfSynced(desired);
            Watch(DeepCheckIfDueAsync(session), "deep check");
            Watch(ForgetAutoscalersAsync(session), "look for autoscalers");
        }
        // A kind that comes from elsewhere (an operator, another application) shows in discovery only.
        if (built.Waiting > 0 && _retry is null) ComeBack(KindPause);
        Announce();
    }

    /// <summary>False when a newer desired state was handed down meanwhile: whoever did that has ordered another round.</summary>
    private bool IsCurrent(TargetDesired desired) => ReferenceEquals(_state.State.Desired, desired);

    /// <summary>The session of the cluster, when it is usable; else the conditions say why not.</summary>
    private async Task<ClusterSession?> ConnectAsync()
    {
        var session = _sessions.Find(_cluster);
        if (session is null || session != _joined)
        {
            if (!await Cluster.AddTargetAsync(Key).WaitAsync(_stopping.Token))
            {
                _conditions = [NewCondition(ConditionTypes.ClusterMissing, $"there is no cluster {_cluster}")];
                return null;
            }
            _joined = session = _sessions.Find(_cluster);
        }
        if (session is null)
        {
            _conditions = [NewCondition(ConditionTypes.ClusterUnreachable, $"cluster {_cluster} is not served by this silo")];
            if (!await MoveToClusterAsync() && _retry is null) ComeBack(FailurePause);
            return null;
        }
        if (_session != session)
        {
            _session = session;
            session.Attach(Key, this);
            await PrepareClaimsAsync();
        }
        await session.Tried.WaitAsync(_stopping.Token);
        if (session.State.IsReady) return session;
        _conditions = [WhyNotReady(session)];
        foreach (var tracked in _objects.Values) tracked.Sync = SyncStatus.Unknown;
        // Checks that come to their turn meanwhile find no cluster.
        _hasLooked = false;
        return null;
    }

    private Condition WhyNotReady(ClusterSession session) => session.State.Condition ?? NewCondition(ConditionTypes.ClusterUnreachable, "not connected yet");

    /// <summary>The desired objects for this cluster; null with conditions when some can't be had, and then nothing is done.</summary>
    private async Task<DesiredState?> BuildAsync(ClusterSession session, TargetDesired desired)
    {
        if (_built is { Waiting: > 0 }) await session.RediscoverAfterAsync(KindAge, _stopping.Token);
        if (session.State.Catalog is not { } catalog)
        {
            _conditions = [WhyNotReady(session)];
            return null;
        }
        if (_built is { Faults.Count: 0 } known && !(known.IsOutline && _needsBodies) && IsAllowedAsBuilt(desired.Allowed)
            && _builtFrom == (desired.SetDigest, desired.Namespace, catalog, session) && _builtOptions.SequenceEqual(desired.Sync.Options))
        {
            // The cluster may have been asked meanwhile.
            if (!IsCurrent(desired)) return null;
            session.Claims.Confirm(Key);
            return known;
        }
        var owner = await OwnerAsync();
        if (OutlineOf(session, desired, catalog, owner) is { } outline) return GoBy(session, desired, catalog, outline);
        if (_built is { IsOutline: true } && _builtFrom.Set != desired.SetDigest) await BringRunningAsync(catalog, owner);
        if (await BringSetAsync(desired) is not { } set) return null;
        _needsBodies = true;
        var before = _built;
        var options = new SyncOptionSet(desired.Sync.Options);
        DesiredState Build() => DesiredState.Build(set, catalog, desired.Namespace, owner, before, options);
        var built = set.Objects.Count <= FewObjects ? Build() : await Task.Run(Build, _stopping.Token);
        if (built.Waiting > 0 || built.Faults.Any(fault => fault.Object is { } id && catalog.Find(id.Group, id.Kind) is null))
        {
            // The kind may have come since the last discovery. Whoever asks for a sync, or for these manifests the first time, waits for no pause.
            if (Ordered is not null || _builtFrom.Set != desired.SetDigest) await session.RediscoverAsync(_stopping.Token);
            else await session.RediscoverAfterAsync(KindAge, _stopping.Token);
            catalog = session.State.Catalog ?? catalog;
            built = await Task.Run(Build, _stopping.Token);
        }
        return GoBy(session, desired, catalog, built);
    }

    private DesiredState? GoBy(ClusterSession session, TargetDesired desired, ApiCatalog catalog, DesiredState built)
    {
        // What is built for an overtaken state must claim nothing.
        if (!IsCurrent(desired)) return null;
        (_built, _builtFrom, _builtOptions, _builtAllowed) = (built, (desired.SetDigest, desired.Namespace, catalog, session), desired.Sync.Options, desired.Allowed);
        // An entry without uid was noted before its first write.
        var held = _inventory.Entries.Values.Where(entry => entry.Uid.Length > 0).Select(entry => entry.Id).ToHashSet();
        if (NotAllowed(session, desired, built) is { Count: > 0 } refused)
        {
            (_built, _conditions) = (null, refused);
            // What it may not have it does not claim, nor what it is kept from applying; but it has spoken, and nobody need wait for it.
            session.Claim(Key, built.Ids.Where(id => held.Contains(id) && WhyNotAllowed(session, desired, id) is null).ToHashSet(), held, built.Ids.Concat(built.LeftOut).ToHashSet());
            return null;
        }
        session.Claim(Key, built.Ids.ToHashSet(), held, built.LeftOut);
        if (built.Faults.Count > 0)
        {
            _conditions = [.. built.Faults.Take(20).Select(fault => ConditionOf(fault, built))];
            return null;
        }
        TakeOverDesired(built, desired.SetDigest);
        NoteIgnored(built);
        _notices = [.. built.Notices.Take(20).Select(notice => NewCondition(ConditionTypes.ManifestNotice, notice.Reason, notice.Object) with { File = notice.File, Document = notice.Document })];
        foreach (var tracked in _objects.Values.Where(tracked => tracked.Desired is null)) session.Follow(tracked.Id, Key);
        return built;
    }

    /// <summary>An object that stands there twice is a fault of the manifests; what is in no set has a kind that nobody knows.</summary>
    private Condition ConditionOf(ManifestFault fault, DesiredState built) =>
        NewCondition(built.Objects.Any(item => item.Id == fault.Object) ? ConditionTypes.RenderFailed : ConditionTypes.KindUnknown, fault.Reason, fault.Object)
            with { File = fault.File, Document = fault.Document };

    private void TakeOverDesired(DesiredState built, Digest set)
    {
        _desiredFrom = set;
        foreach (var tracked in _objects.Values) tracked.Desired = null;
        foreach (var item in built.Objects)
        {
            Track(item.Id).Desired = item;
            // What Git says of keeping an object counts before it is applied, or where it never is.
            if (item.Annotations.Count > 0 && DeletionWish.WishesOf(item.Annotations) is { } said && _inventory.Find(item.Id) is { } entry) _inventory.Set(entry with { Wishes = said });
        }
        foreach (var id in _objects.Where(entry => entry.Value.Desired is null && _inventory.Find(entry.Key) is null).Select(entry => entry.Key).ToArray())
            _objects.Remove(id);
        // What was proven is another manifest: until this one is applied nobody may read "Synced".
        foreach (var tracked in _objects.Values.Where(tracked => tracked.Desired is null || _inventory.Find(tracked.Id)?.DesiredHash != tracked.Desired.Hash))
            tracked.Sync = tracked.Desired is null ? StatusOfLeft(_inventory.Find(tracked.Id)) : SyncStatus.OutOfSync;
    }

    /// <summary>Says early what this target desires, so that no other on the cluster takes an object's departure for a deletion.</summary>
    private async Task PrepareClaimsAsync()
    {
        if (_state.State.Desired is { } desired && _sessions.Find(_cluster) is { State.IsReady: true } session) await BuildAsync(session, desired);
    }

    /// <summary>Watches all kinds that are desired or held; a kind that can't be watched is a condition, and its objects are read instead.</summary>
    private async Task WatchKindsAsync(ClusterSession session, DesiredState built)
    {
        if (session.State.Catalog is not { } catalog) return;
        (var wanted, _kinds) = KindsOf(catalog, built);
        var failed = await session.WatchAsync(wanted, _stopping.Token);
        _unwatched = [.. failed.Select(kind => NewCondition(ConditionTypes.ObservationStale,
            $"{kind.Resource.Kind} can't be watched, so drift of it is not seen: {kind.Error.Message}"))];
    }

    /// <summary>What is to be watched, and the kinds of what is desired or held.</summary>
    private (List<(ApiResource Resource, string Namespace)> Wanted, IReadOnlySet<(string Group, string Kind)> Kinds) KindsOf(ApiCatalog catalog, DesiredState built)
    {
        var (wanted, kinds) = (new List<(ApiResource, string)>(), new HashSet<(string, string)>());
        (ResourceId Id, string? ApiVersion) last = default;
        foreach (var item in built.Objects) Add(item.Id, item.ApiVersion, isHook: false);
        foreach (var id in _inventory.Entries.Keys) Add(id, null, isHook: false);
        foreach (var hook in built.Hooks) Add(hook.Id, hook.Manifest.ApiVersion, isHook: true);
        return (wanted, kinds);

        void Add(ResourceId id, string? apiVersion, bool isHook)
        {
            // Neighbours are mostly of one kind, in one namespace.
            if (last.Id.Kind == id.Kind && last.Id.Group == id.Group && last.Id.Namespace == id.Namespace && last.ApiVersion == apiVersion) return;
            last = (id, apiVersion);
            if (!isHook) kinds.Add((id.Group, id.Kind));
            if ((apiVersion is null ? catalog.Find(id.Group, id.Kind) : catalog.Find(id, apiVersion)) is { CanWatch: true } resource) wanted.Add((resource, id.Namespace));
        }
    }

    private static string NotServed(ResourceId id, string apiVersion) => $"the cluster serves no {id.Kind} in {apiVersion}";

    /// <summary>The kind in the version that the manifest names; null while its definition is not established.</summary>
    private static ApiResource? ResourceOf(ApiCatalog catalog, DesiredObject item) => catalog.Find(item.Id, item.ApiVersion);

    private SyncPlan Plan(ClusterSession session, DesiredState built) => SyncPlanner.Plan(
        built, _inventory.Entries, id => CurrentOf(session, id), id => OtherOwner(session, id), Options);

    /// <summary>The object as the watch shows it, or as our own write left it where the watch is still behind that.</summary>
    private ObservedObject? CurrentOf(ClusterSession session, ResourceId id)
    {
        var observation = session.Observe(id);
        var tracked = _objects.GetValueOrDefault(id);
        var last = tracked?.LastRead;
        return last is null ? observation.Object : observation.Current(last, tracked!.LastReadEpoch);
    }

    private string? OtherOwner(ClusterSession session, ResourceId id) =>
        session.Claims.OwnerOf(id) is { } owner && owner != Key ? owner : null;

    /// <summary>Whether the desired state changed since it was last applied and the policy says to sync by itself.</summary>
    private bool IsDue(TargetDesired desired, SyncPlan plan)
    {
        if (!desired.Sync.Automated || desired.Suspended || _retry is not null || _attempts == int.MaxValue || !desired.Sync.Retry.Allows(_attempts)) return false;
        // What is applied and only waits for health is not begun anew; a newer one waits for that where the policy says so.
        if (_settling is { IsCompleted: false } && (_endsAfterWave is not null || (_settlingSet == desired.SetDigest && !plan.Applies.Any(IsNewDemand)))) return false;
        var isDue = plan.Applies.Any(apply => IsNewDemand(apply) && OtherOwner(_session!, apply.Desired.Id) is null)
            || plan.HandedOver.Count > 0
            || (desired.Sync.Prune.Enabled && plan.PruneCandidates.Any(entry => !_passedOver.Contains(entry.Id)))
            || _state.State.SyncedDigest != desired.SetDigest;
        return isDue && !WaitsForWindow();
    }

    /// <summary>The manifest was never applied as it is now: a sync; anything else that differs is drift.</summary>
    private bool IsNewDemand(PlannedApply apply) => _inventory.Find(apply.Desired.Id)?.DesiredHash != apply.Desired.Hash;

    private async Task FailOrderedAsync(string reason)
    {
        if (Ordered is not { } order) return;
        Ordered = null;
        await EndAsync(new TargetOperation { Id = order.OperationId, Started = _time.GetUtcNow(), Commit = _state.State.Desired!.Revision.Commit },
            Documents.Rest.OperationPhase.Failed, reason);
    }
}
