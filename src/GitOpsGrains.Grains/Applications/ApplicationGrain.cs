using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Applications;
using GitOpsGrains.Abstractions.Catalog;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Grains.Fleet;
using GitOpsGrains.Grains.Hosting;
using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Grains.Applications;

/// <inheritdoc cref="IApplicationGrain"/>
[GrainType("application")]
public sealed partial class ApplicationGrain : Grain, IApplicationGrain, IApplicationListener, IRemindable
{
    private const string ReconcileReminder = "reconcile";
    private const int MaxOperations = 10;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);

    private readonly IPersistentState<ApplicationState> _state;
    private readonly FleetNews _news;
    private readonly Waker _waker;
    private readonly PassTurns _turns;
    private readonly TimeProvider _time;
    private readonly ILogger<ApplicationGrain> _logger;
    private readonly SharedWrites _writes;
    private readonly Guid _activation = Guid.NewGuid();
    private readonly CoalescingTask _reconcile;
    private readonly CoalescingTask _pull;
    private readonly ChangeSignal _changed = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<string, TargetSummary> _summaries = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unread = new(StringComparer.Ordinal);
    private IReadOnlyList<Condition> _conditions = [];
    private bool _askGit;
    private bool _isDemanded;

    /// <summary>The reminder is known to be there, and there was a pass.</summary>
    private bool _isAwake;

    /// <summary>The reminder was not stored as the document wants it.</summary>
    private bool _isUnreminded;
    private readonly HashSet<string> _heardOf = new(StringComparer.Ordinal);

    public ApplicationGrain(
        [PersistentState("application")] IPersistentState<ApplicationState> state, FleetNews news, PassTurns turns, Waker waker, TimeProvider time, ILogger<ApplicationGrain> logger)
    {
        (_state, _news, _turns, _waker, _time, _logger) = (state, news, turns, waker, time, logger);
        _reconcile = new CoalescingTask(ReconcileAsync);
        _writes = new SharedWrites(state.WriteStateAsync);
        _pull = new CoalescingTask(PullAsync);
    }

    private string Key => this.GetPrimaryKeyString();

    private ApplicationDocument? Document => _state.State.Document;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _unread.UnionWith(_state.State.Clusters);
        EndInterrupted();
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        var isNeeded = Document is not null;
        await _stopping.CancelAsync();
        if (isNeeded) _waker.WakeSuccessor(reason, CatalogKind.Application, Key);
    }

    public async Task<Change> PutAsync(ApplicationDocument document)
    {
        if (_state.State.Deleting is not null)
            throw new GrainRefusedException(RefusalKind.Conflict, $"application {Key} is being deleted; wait until it is gone");
        var before = Document;
        if (before is not null && DocumentJson.Same(before, document))
        {
            // The same before this may have failed after it was stored.
            if (_isUnreminded) await CarryOutAsync(document, askGit: false);
            else if (!_isAwake) await WakeAsync();
            return Change.Unchanged;
        }
        _state.State.Document = document;
        _state.State.PolicySequence = ++_state.State.Sequence;
        await StoreAsync().OrUndoAsync(() => TakeBack(before));
        await CarryOutAsync(document, askGit: before is null || !RefsOf(before).SetEquals(RefsOf(document)));
        return before is null ? Change.Created : Change.Configured;
    }

    private Task CarryOutAsync(ApplicationDocument document, bool askGit)
    {
        _isUnreminded = true;
        Reconcile(askGit);
        return RemindAsync(document.Spec.DriftCheck.Interval);
    }

    private static HashSet<(string Repository, RefQuery Query)> RefsOf(ApplicationDocument document) =>
        [.. document.Spec.AllSources.Select(source => (source.Repository, RefQuery.Of(source)))];

    public async Task<string> SyncAsync(SyncRequest request)
    {
        RequireDocument();
        RequireAlive();
        if (Document!.Spec.Suspend)
            throw new GrainRefusedException(RefusalKind.Conflict, $"application {Key} is suspended; resume it first");
        var asked = SyncOrders.Read(request, Document.Spec.Sync);
        var operation = NewOperation("sync");
        SyncOrders.Note(operation, asked, request.Revision);
        await StoreNewAsync(operation);
        Reconcile(askGit: true);
        return operation.Id;
    }

    public async Task<string> RefreshAsync()
    {
        RequireDocument();
        RequireAlive();
        var operation = NewOperation("refresh");
        Reconcile(askGit: true);
        await Task.CompletedTask;
        return operation.Id;
    }

    public async Task<string> SuspendAsync(bool suspend)
    {
        RequireDocument();
        RequireAlive();
        var operation = NewOperation(suspend ? "suspend" : "resume");
        var before = Document!;
        _state.State.Document = before with { Spec = before.Spec with { Suspend = suspend } };
        _state.State.PolicySequence = ++_state.State.Sequence;
        await StoreNewAsync(operation, () => TakeBack(before));
        Reconcile(askGit: false);
        return operation.Id;
    }

    public async Task<string> TerminateAsync()
    {
        RequireDocument();
        await Task.WhenAll(_state.State.Clusters.Select(cluster => Target(cluster).TerminateAsync("terminated by request")));
        var running = _state.State.Operations.FirstOrDefault(operation => !operation.IsOver);
        return running?.Id ?? Finish(NewOperation("terminate"), OperationPhase.Succeeded, "nothing was running").Id;
    }

    public async Task<OperationView> ApproveAsync(ApproveRequest request)
    {
        RequireDocument();
        var references = SyncOrders.References(request.Objects);
        var held = new List<(string Cluster, TargetOperationObject Object)>();
        foreach (var window in _state.State.Clusters.Chunk(FanOut))
            foreach (var (cluster, objects) in await Task.WhenAll(window.Select(async cluster => (cluster, await Target(cluster).GetHeldAsync()))))
                held.AddRange(objects.Select(item => (cluster, item)));
        if (references.FirstOrDefault(reference => !held.Any(item => reference.Matches(item.Object.Object))) is { } unknown)
            throw new GrainRefusedException(RefusalKind.Conflict, $"no prune of {unknown} is held");
        if (references.Count > 0) held.RemoveAll(item => !references.Any(reference => reference.Matches(item.Object.Object)));
        var operation = NewOperation("approve");
        operation.Clusters = [.. held.Select(item => item.Cluster).Distinct(StringComparer.Ordinal)];
        if (held.Count == 0) Finish(operation, OperationPhase.Succeeded, "no prune is held");
        await StoreNewAsync(operation);
        await Task.WhenAll(operation.Clusters.Select(cluster => Target(cluster).ApproveAsync(operation.Id, references)));
        foreach (var summary in await Task.WhenAll(operation.Clusters.Select(cluster => Target(cluster).GetSummaryAsync()))) Take(summary);
        operation.HandedDown = true;
        await StoreAsync();
        Pull();
        return ApplicationViews.Of(operation, _summaries) with { Objects = ApplicationViews.ObjectsOf(held) };
    }

    public async Task<string> RunActionAsync(ActionRequest request, CancellationToken cancellationToken)
    {
        RequireDocument();
        if (!_state.State.Clusters.Contains(request.Cluster)) throw new GrainRefusedException(RefusalKind.NotFound, $"application {Key} has no target on cluster {request.Cluster}");
        if (!ResourceId.TryParse(request.Object, out var id)) throw new GrainRefusedException(RefusalKind.Invalid, $"object: '{request.Object}' is no group/Kind:namespace/name");
        var done = await Target(request.Cluster).RunActionAsync(id, request.Action, cancellationToken);
        var operation = Finish(NewOperation("action"), OperationPhase.Succeeded, done);
        await StoreAsync();
        return operation.Id;
    }

    public async Task WakeAsync()
    {
        if (Document is not { } document) return;
        Reconcile(askGit: false);
        // Lost only where a crash came between the document and its reminder, or somebody has cleared the table.
        if (await OfTableAsync(() => this.GetReminder(ReconcileReminder)) is null) await RemindAsync(document.Spec.DriftCheck.Interval);
        _isAwake = true;
    }

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        if (Document is null)
        {
            // Left from a deletion that ended just before a crash: the index may not have heard of it.
            _toldRow = null;
            Announce();
            if (await this.GetReminder(ReconcileReminder) is { } left) await this.UnregisterReminder(left);
            return;
        }
        // The index may have missed the row.
        _toldRow = null;
        Reconcile(askGit: false);
        await Task.WhenAll(_state.State.Clusters.Select(cluster => Target(cluster).CheckAsync()));
        // It may have been registered before the document changed, and not after.
        if (Document is { } document && status.Period != document.Spec.DriftCheck.Interval) await RemindAsync(document.Spec.DriftCheck.Interval);
    }

    public Task OnSourceChangedAsync(string commit)
    {
        _heardOf.Add(commit);
        Watch(_reconcile.RunFreshAsync(_stopping.Token), "reconcile");
        return Task.CompletedTask;
    }

    public Task OnClusterChangedAsync(string cluster) => OnProjectChangedAsync();

    public Task OnProjectChangedAsync()
    {
        if (Document is not null) Reconcile(askGit: false);
        return Task.CompletedTask;
    }

    public Task OnTargetChangedAsync(TargetSummary summary)
    {
        var known = _summaries.GetValueOrDefault(summary.Cluster);
        if (!summary.IsNewerThan(known)) return Task.CompletedTask;
        // News of an activation that is dead may come after those of the one that lives: only the target itself knows.
        if (known?.Activation == summary.Activation) Take(summary);
        else _unread.Add(summary.Cluster);
        Pull();
        return Task.CompletedTask;
    }

    private Task StoreAsync() => _writes.RunAsync();

    /// <summary>
    /// The document that the storage refused is not the one to go by. A pass under way may have handed it down: the one of before goes
    /// down as something newer, when that is stored.
    /// </summary>
    private void TakeBack(ApplicationDocument? before)
    {
        _state.State.Document = before;
        if (before is null) return;
        _state.State.PolicySequence = ++_state.State.Sequence;
        _isSequenceUnstored = true;
        Reconcile(askGit: false);
    }

    private ITargetGrain Target(string cluster)
    {
        var (project, name) = GrainKeys.ParseApplication(Key);
        return GrainFactory.GetGrain<ITargetGrain>(GrainKeys.Target(project, name, cluster));
    }

    private IRepositoryGrain Repository(string name) => GrainFactory.GetGrain<IRepositoryGrain>(name);

    private void RequireAlive()
    {
        if (_state.State.Deleting is not null) throw new GrainRefusedException(RefusalKind.Conflict, $"application {Key} is being deleted");
    }

    private void RequireDocument()
    {
        if (Document is null) throw new GrainRefusedException(RefusalKind.NotFound, $"there is no application {Key}");
    }

    private async Task RemindAsync(TimeSpan interval)
    {
        // All reminders that are registered together would be due together.
        var due = interval * (0.5 + Random.Shared.NextDouble());
        await OfTableAsync(() => this.RegisterOrUpdateReminder(ReconcileReminder, due, interval));
        (_isUnreminded, _isAwake) = (false, true);
    }

    /// <summary>Tables of reminders throw what their clients do.</summary>
    private async Task<T> OfTableAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception failure) when (failure is not (OrleansException or OperationCanceledException))
        {
            LogReminderFailed(failure, Key);
            throw new StorageFailedException("the reminder of the periodic check can't be stored", failure);
        }
    }

    /// <summary>Starts a reconciliation, or another after the one under way, without waiting for it.</summary>
    private void Reconcile(bool askGit)
    {
        (_askGit, _isDemanded) = (_askGit || askGit, true);
        if (IsAskedFor) _hurry?.Cancel();
        Watch(_reconcile.RunFreshAsync(_stopping.Token), "reconcile");
    }

    private void Pull() => Watch(_pull.RunFreshAsync(_stopping.Token), "pull");

    /// <summary>Work that nobody awaits must not fail unseen.</summary>
    private async void Watch(Task work, string what)
    {
        try
        {
            if (_hurry is null) DelayDeactivation(StayAwake);
            await work;
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
        }
        catch (Orleans.Storage.InconsistentStateException ex)
        {
            // Another activation has written: this one knows too little to go on.
            LogWorkFailed(ex, Key, what);
            Ended.Unless(DeactivateOnIdle, gone => LogWorkFailed(gone, Key, what));
        }
#pragma warning disable CA1031 // The top of a loop: logged, and tried again.
        catch (Exception ex)
#pragma warning restore CA1031
        {
            LogWorkFailed(ex, Key, what);
            // Whoever wanted to know what Git says now still does.
            _askGit = true;
            if (!_stopping.IsCancellationRequested) Ended.Unless(TryAgainLater, gone => LogWorkFailed(gone, Key, what));
        }
    }
}
