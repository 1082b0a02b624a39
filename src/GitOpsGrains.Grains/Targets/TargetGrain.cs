using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Applications;
using GitOpsGrains.Abstractions.Catalog;
using GitOpsGrains.Abstractions.Clusters;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Installations;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Health;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Grains.Clusters;
using GitOpsGrains.Grains.Hosting;
using GitOpsGrains.Grains.Manifests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Storage;

namespace GitOpsGrains.Grains.Targets;

/// <inheritdoc cref="ITargetGrain"/>
/// <remarks>
/// All work runs in one loop on the activation's scheduler (<see cref="WorkAsync"/>): commands set what is wanted and start
/// it. Drift of single objects is looked at beside it, one request per object at a time.
/// </remarks>
[GrainType("target"), PlacedByCluster]
[KeepAlive]
public sealed partial class TargetGrain : Grain, ITargetGrain, ITargetEvents, IGrainMigrationParticipant
{
    private static readonly TimeSpan FailurePause = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(15);

    private readonly IPersistentState<TargetState> _state;
    private readonly TargetHistory _past;
    private readonly ClusterSessions _sessions;
    private readonly ManifestLibrary _sets;
    private readonly Waker _waker;
    private readonly IWriteFence _fence;
    private readonly TimeProvider _time;
    private readonly ILogger<TargetGrain> _logger;
    private readonly IOptions<GitOpsGrainsOptions> _options;
    private readonly TargetInventory _inventory;
    private readonly IObjectActions? _actions;
    private readonly TargetCount _count = new();
    private readonly CoalescingTask _work;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<ResourceId, TrackedObject> _objects = [];
    private readonly ChangedObjects _changedObjects = new();
    private readonly string _project;
    private readonly string _application;
    private readonly string _cluster;

    private TaskScheduler _scheduler = TaskScheduler.Default;
    private ClusterSession? _session;

    /// <summary>While the cluster knows of this target: the session that it had when it was told.</summary>
    private ClusterSession? _joined;
    private TrackingOwner? _owner;
    private IGrainTimer? _retry;
    private Task _working = Task.CompletedTask;
    private long _version;
    private readonly Guid _activation = Guid.NewGuid();

    /// <summary>This silo is declared dead.</summary>
    private bool _isFenced;

    public TargetGrain(
        [PersistentState("target")] IPersistentState<TargetState> state,
        [PersistentState("history")] IPersistentState<TargetHistoryState> history,
        IGrainContext context, ClusterSessions sessions, ManifestLibrary sets, Waker waker, IWriteFence fence, IOptions<GitOpsGrainsOptions> options,
        TimeProvider time, ILogger<TargetGrain> logger)
    {
        (_state, _sessions, _sets, _waker, _fence) = (state, sessions, sets, waker, fence);
        _past = new TargetHistory(state, history);
        (_options, _time, _logger) = (options, time, logger);
        _inventory = new TargetInventory(context.ActivationServices.GetRequiredKeyedService<IGrainStorage>("Default"), context.GrainId);
        _actions = context.ActivationServices.GetService<IObjectActions>();
        _work = new CoalescingTask(WorkAsync);
        _writes = new SharedWrites(WriteAsync);
        (_project, _application, _cluster) = GrainKeys.ParseTarget(context.GrainId.Key.ToString()!);
    }

    private string Key => this.GetPrimaryKeyString();

    private IApplicationListener Listener => GrainFactory.GetGrain<IApplicationListener>(GrainKeys.Application(_project, _application));

    private IClusterGrain Cluster => GrainFactory.GetGrain<IClusterGrain>(_cluster);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _scheduler = TaskScheduler.Current;
        _version = _time.GetUtcNow().UtcTicks;
        await _inventory.LoadAsync(_state.State.InventoryRecords, _state.State.Inventory);
        DropOutdatedProofs();
        foreach (var entry in _inventory.Entries.Values) NoteKept(Track(entry.Id), entry.Kept, entry.KeptBy);
        TakeUpOngoing();
        GoOnIfMoved();
        // What a person terminated is not begun again by a restart.
        if (_state.State is { Operation.Phase: OperationPhase.Terminated, Intent: { } last, Desired: { } wanted } && last.SetDigest == wanted.SetDigest) _attempts = int.MaxValue;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        var isNeeded = _state.State is { Desired: not null, Released: false };
        await _stopping.CancelAsync();
        try
        {
            await WindDownAsync(cancellationToken);
        }
        finally
        {
            // What a fenced silo can't do its successor there can't either: the silos that have fenced it wake it.
            if (isNeeded && !_isFenced) _waker.WakeSuccessor(reason, CatalogKind.Target, Key);
        }
    }

    private async Task WindDownAsync(CancellationToken cancellationToken)
    {
        _flush?.Dispose();
        _retry?.Dispose();
        _nextTry?.Dispose();
        _announce?.Dispose();
        _windowTimer?.Dispose();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(StopPatience);
        try
        {
            await _working.WaitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            if (_isEndUnstored) await StoreEndAsync();
            await FlushAsync();
            if (_isUnstored) await StoreAsync();
        }
        catch (Exception ex) when (ex is OperationCanceledException or InconsistentStateException)
        {
            LogStoppedHard(Key, ex.Message);
        }
        finally
        {
            // The session ends when its targets are gone.
            _session?.Detach(Key, this);
            _count.Set(null, 0);
        }
    }

    public async Task<TargetSummary> SetDesiredAsync(TargetDesired desired, TargetSyncOrder? order)
    {
        var current = _state.State.Desired;
        var isNew = current is null || desired.Sequence > current.Sequence;
        if (isNew)
        {
            var mayStoreLater = _state.State.MayStoreLater(desired);
            // Until it says what it desires now, nobody takes what it said before for that.
            if (_state.State.Releasing is not null || (_builtFrom.Set, _builtFrom.Namespace) != (desired.SetDigest, desired.Namespace)) _sessions.Find(_cluster)?.Claims.Outdate(Key);
            if (current?.SetDigest != desired.SetDigest) _state.State.ManifestKey = _state.State.LastGood is { } good && good.SetDigest == desired.SetDigest ? good.ManifestKey : null;
            // A release has given up the claims: they are made anew.
            if (_state.State.Releasing is not null) (_built, _builtFrom) = (null, default);
            (_state.State.Desired, _state.State.Released, _state.State.Releasing) = (desired, false, null);
            _state.State.LeftBehind = "";
            if (_letting is { IsCancellationRequested: false } letting) await letting.CancelAsync();
            if (current is not null && (current.SetDigest != desired.SetDigest || current.Namespace != desired.Namespace || desired.Suspended))
            {
                var reason = desired.Suspended ? "suspended" : $"overtaken by {desired.Revision.Commit}";
                if (desired.Suspended) PreEmpt(reason);
                else Overtake(reason);
                await EndWaitingAsync("Superseded", reason);
            }
            DropOutdatedProofs();
            // A revision alone is stored with the intent of its sync: before that nothing is done for it, and a restart is given it anew.
            _isUnstored = true;
            _mustStore |= !mayStoreLater;
            if (order is null && _mustStore) await StoreAsync();
            FollowWindows();
            Retry();
            await PrepareClaimsAsync();
        }
        if (order is not null && _state.State.Operation?.Id != order.OperationId && _state.State.Ongoing?.Operation.Id != order.OperationId)
        {
            // An order that will be refused, or writes nothing, ends nothing.
            if (!order.DryRun && (_built is not { } built || RefusalOf(order, built) is null))
            {
                Retry();
                if (!isNew) PreEmpt("overtaken by a sync that was asked for");
            }
            Order(order);
            await StoreAsync();
        }
        // Given again after the storage refused it, it must not be taken for stored.
        else if (_isUnstored && (order is not null || _mustStore))
        {
            await StoreAsync();
        }
        Work();
        return Answer();
    }

    public Task CheckAsync()
    {
        // News may have been lost.
        _announced = null;
        _hasLooked = false;
        _passedOver.Clear();
        Work();
        return Task.CompletedTask;
    }

    public Task WakeAsync()
    {
        if (_state.State.Released) return Cluster.RemoveTargetAsync(Key);
        Work();
        return Task.CompletedTask;
    }

    public async Task TerminateAsync(string reason)
    {
        _attempts = int.MaxValue;
        PreEmpt(reason, terminated: true);
        await EndWaitingAsync("Terminated", reason, OperationPhase.Terminated);
        if (_state.State.Ongoing is { } ongoing)
        {
            ongoing.Terminated = reason;
            await StoreAsync();
        }
        if (Ordered is not null)
        {
            _orderRefused = reason;
            Work();
        }
    }

    public async Task ApproveAsync(string operationId, IReadOnlyList<ObjectReference> objects)
    {
        var approved = _state.State.Held.Select(held => held.Id).Where(id => objects.Count == 0 || objects.Any(reference => reference.Matches(id))).ToList();
        _state.State.Approved = [.. _state.State.Approved.Union(approved)];
        await StoreAsync();
        if (approved.Count == 0)
        {
            await EndAsync(new TargetOperation { Id = operationId, Started = _time.GetUtcNow() }, OperationPhase.Succeeded, "no prune is held here");
            return;
        }
        // Only what was approved: an approval deploys nothing that waits for somebody else's word.
        if (_state.State.Releasing is null)
            Order(new TargetSyncOrder
            {
                OperationId = operationId,
                Prune = true,
                WithoutHooks = true,
                Objects = [.. approved.Select(id => new ObjectReference { Group = id.Group, Kind = id.Kind, Namespace = id.Namespace, Name = id.Name })],
            });
        Retry();
        Work();
    }

    private void Order(TargetSyncOrder order) => (Ordered, _orderRefused) = (order, null);

    public Task<IReadOnlyList<TargetOperationObject>> GetHeldAsync() => Task.FromResult(TargetOperationObject.Bounded(
        _state.State.Held.Select(held => new TargetOperationObject { Object = held.Id, Action = ApplyAction.Held, Message = held.Reason })));

    /// <summary>Starts the loop, or another round after the one under way, without waiting for it.</summary>
    private void Work()
    {
        _working = _work.RunFreshAsync(CancellationToken.None);
        Watch(_working, "work");
    }

    /// <summary>Forgets earlier failures: the next round may try at once.</summary>
    private void Retry()
    {
        (_attempts, _holds) = (0, 0);
        _passedOver.Clear();
        _asked.Clear();
        if (Waiting is { } waiting) waiting.Failures = 0;
        TryNow();
    }

    /// <summary>Another round after a pause; until then nothing is due by itself.</summary>
    private void ComeBack(TimeSpan delay)
    {
        CancelComeBack();
        _retry = this.RegisterGrainTimer(_ =>
        {
            CancelComeBack();
            _passedOver.Clear();
            Work();
            return Task.CompletedTask;
        }, new GrainTimerCreationOptions(delay, Timeout.InfiniteTimeSpan) { Interleave = true, KeepAlive = true });
    }

    private void CancelComeBack()
    {
        _retry?.Dispose();
        _retry = null;
    }

    private TrackedObject Track(ResourceId id)
    {
        if (!_objects.TryGetValue(id, out var tracked)) _objects[id] = tracked = new TrackedObject(id);
        return tracked;
    }

    private Condition NewCondition(string type, string message, ResourceId? id = null) =>
        new() { Type = type, Message = message, Since = _time.GetUtcNow(), Object = id };

    /// <remarks>What the session knows need not be asked of one grain by all targets of the fleet.</remarks>
    private async Task<TrackingOwner> OwnerAsync() => _owner ??= new TrackingOwner(
        (_session?.Installation ?? await GrainFactory.GetGrain<IInstallationGrain>(0).EnsureAsync(_options.Value.Installation)).Name, _project, _application);
}
