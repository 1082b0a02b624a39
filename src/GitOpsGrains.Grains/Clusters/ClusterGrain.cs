using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Catalog;
using GitOpsGrains.Abstractions.Clusters;
using GitOpsGrains.Abstractions.Installations;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Grains.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Storage;

namespace GitOpsGrains.Grains.Clusters;

/// <inheritdoc cref="IClusterGrain"/>
[GrainType("cluster"), PlacedByCluster]
[KeepAlive]
public sealed partial class ClusterGrain(
    [PersistentState("cluster")] IPersistentState<ClusterState> state, ClusterSessions sessions, IOptions<GitOpsGrainsOptions> options, TimeProvider time,
    ILocalSiloDetails here, Waker waker, ILogger<ClusterGrain> logger)
    : Grain, IClusterGrain, IGrainMigrationParticipant
{
    private static readonly TimeSpan LeavePatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StoreAgainAfter = TimeSpan.FromSeconds(15);

    /// <summary>Thousands of targets come to a cluster at once, and each write has all of them.</summary>
    private readonly SharedWrites _writes = new(() => state.WriteStateAsync());

    private Task _storingDocument = Task.CompletedTask;
    private bool _isStoringDocument;
    private ClusterDocument? _storedDocument;

    private TaskScheduler? _scheduler;
    private string? _leavesFor;
    private bool _hasMoved;

    /// <summary>Ends when the deletion that is under way does, one way or the other.</summary>
    private TaskCompletionSource? _deleting;

    /// <summary>The document has changed, and not all who go by it have heard.</summary>
    private bool _isChanged;

    private string Name => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _scheduler = TaskScheduler.Current;
        _wakes = CreateWakes();
        // Nobody else wakes what has moved.
        if (_hasMoved) _ = Task.Factory.StartNew(WakeAsync, CancellationToken.None, TaskCreationOptions.None, _scheduler).Unwrap();
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        var isNeeded = state.State.Document is not null;
        await _stopping.CancelAsync();
        try
        {
            if (sessions.Find(Name) is { } session)
            {
                if (_leavesFor is { } home) await session.LeaveAsync(home, LeavePatience);
                // Their last writes are under way.
                else if (reason.ReasonCode == DeactivationReasonCode.ShuttingDown) await session.EmptyAsync(LeavePatience);
            }
            await sessions.CloseAsync(Name);
        }
        finally
        {
            if (isNeeded) waker.WakeSuccessor(reason, CatalogKind.Cluster, Name);
        }
    }

    void IGrainMigrationParticipant.OnDehydrate(IDehydrationContext dehydrationContext)
    {
    }

    void IGrainMigrationParticipant.OnRehydrate(IRehydrationContext rehydrationContext) => _hasMoved = true;

    public Task<string> GetHomeAsync() => Task.FromResult(here.SiloAddress.ToParsableString());

    public Task MoveAsync(string home)
    {
        var silo = SiloAddress.FromParsableString(home);
        if (silo.Equals(here.SiloAddress)) return Task.CompletedTask;
        _leavesFor = home;
        this.MoveTo(silo);
        return Task.CompletedTask;
    }

    public async Task<Change> PutAsync(ClusterDocument document)
    {
        var before = state.State.Document;
        if (before is not null && DocumentJson.Same(before, document))
        {
            // The same before this may have failed after it was stored.
            await CarryOutAsync();
            return Change.Unchanged;
        }
        (_storedDocument, _isStoringDocument, state.State.Document) = (before, true, document);
        try
        {
            _storingDocument = _writes.RunAsync();
            await _storingDocument.OrUndoAsync(() => state.State.Document = before);
        }
        finally
        {
            (_storedDocument, _isStoringDocument) = (null, false);
        }
        _isChanged |= before is not null;
        await CarryOutAsync();
        return before is null ? Change.Created : Change.Configured;
    }

    private async Task CarryOutAsync()
    {
        var isChanged = _isChanged;
        if (isChanged) await sessions.CloseAsync(Name);
        await OpenAsync();
        if (!isChanged) return;
        WakeTargets();
        await TellApplicationsAsync();
        _isChanged = false;
    }

    /// <summary>The document that counts: by one that the storage may still refuse no application chooses its clusters.</summary>
    private ClusterDocument? Stored => _isStoringDocument ? _storedDocument : state.State.Document;

    public async Task DeleteAsync()
    {
        if (state.State.Targets.Count > 0)
            throw new GrainRefusedException(RefusalKind.Conflict,
                $"cluster {Name} still has targets ({string.Join(", ", state.State.Targets.Take(5))}); take it out of their applications' destinations first");
        var deleting = _deleting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await sessions.CloseAsync(Name);
            await _writes.EndedAsync();
            await state.ClearStateAsync();
        }
        finally
        {
            _deleting = null;
            deleting.SetResult();
        }
        DeactivateOnIdle();
    }

    public Task<ClusterView?> GetAsync()
    {
        if (Stored is not { } document) return Task.FromResult<ClusterView?>(null);
        var session = sessions.Find(Name);
        var now = session?.State ?? SessionState.Connecting;
        return Task.FromResult<ClusterView?>(new ClusterView
        {
            Metadata = document.Metadata,
            Spec = document.Spec,
            Status = new ClusterStatusView
            {
                State = now.IsReady ? "Ready" : now.Condition?.Type ?? "Connecting",
                Message = now.Condition?.Message ?? now.Notice?.Message ?? "",
                Version = now.Version,
                Targets = state.State.Targets.Count,
                Objects = session?.ObjectCount ?? 0,
                ObservedAt = session?.ObservedAt,
                Conditions = ConditionViews.Of(new[] { now.Condition, now.Notice }.OfType<Abstractions.Status.Condition>()),
            },
        });
    }

    public async Task<bool> AddTargetAsync(string target)
    {
        // Which may fail yet.
        while (_deleting is { } deleting) await deleting.Task;
        if (state.State.Document is null) return false;
        var isNew = state.State.Targets.Add(target);
        if (isNew) await _writes.RunAsync().OrUndoAsync(() => Forget(target));
        // What another call has added may not be stored yet.
        else await _writes.StoredAsync();
        if (state.State.Document is null)
        {
            // It was being stored, and the storage refused it.
            Forget(target);
            await _writes.RunAsync();
            return false;
        }
        await OpenAsync();
        // It may have been let go of meanwhile.
        if (state.State.Targets.Contains(target)) sessions.Find(Name)?.ExpectAlso(target);
        return true;
    }

    public async Task RemoveTargetAsync(string target)
    {
        sessions.Find(Name)?.Unclaim(target);
        if (state.State.Targets.Remove(target)) await _writes.RunAsync().OrUndoAsync(() => state.State.Targets.Add(target));
        if (!state.State.Targets.Contains(target)) sessions.Find(Name)?.ExpectNoMore(target);
    }

    private void Forget(string target)
    {
        state.State.Targets.Remove(target);
        sessions.Find(Name)?.ExpectNoMore(target);
    }

    public async Task TakeOverAsync()
    {
        if (state.State.Document is null) throw new GrainRefusedException(RefusalKind.NotFound, $"there is no cluster {Name}");
        if (sessions.Find(Name) is not { } session) throw new GrainRefusedException(RefusalKind.Conflict, $"cluster {Name} is not connected yet");
        var (identity, error) = await session.TakeOverAsync(CancellationToken.None);
        if (identity is null) throw new GrainRefusedException(RefusalKind.Conflict, $"cluster {Name} can't be taken over: {error}");
        state.State.Identity = identity;
        await _writes.RunAsync();
    }

    public async Task WakeAsync()
    {
        if (state.State.Document is null)
        {
            DeactivateOnIdle();
            return;
        }
        await OpenAsync();
        WakeTargets();
    }

    private async Task OpenAsync()
    {
        if (sessions.Find(Name) is not null || state.State.Document is null) return;
        var installation = await GrainFactory.GetGrain<IInstallationGrain>(0).EnsureAsync(options.Value.Installation);
        // A document that is being stored may be refused yet.
        await _storingDocument.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        // Both may have changed meanwhile.
        if (sessions.Find(Name) is not null || state.State.Document is not { } document) return;
        var access = new ClusterAccess(Name, document.Spec.Kubeconfig?.File, document.Spec.Kubeconfig?.Context, document.Spec.InCluster)
        {
            KubeconfigFrom = document.Spec.KubeconfigFrom,
        };
        var session = sessions.Open(access, document.Spec.Namespaces, state.State.Identity, installation, state.State.Targets,
            (cluster, identity) => HereAsync(() => GrainFactory.GetGrain<IClusterGrain>(cluster).IsRegisteredForAsync(identity)), identity => _ = HereAsync(() => StoreIdentityAsync(identity)));
        session.Attach("", new SessionNews(() => _ = HereAsync(AnswerAskersAsync)));
    }

    /// <summary>The session calls from any thread.</summary>
    private Task HereAsync(Func<Task> action) => Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.None, _scheduler!).Unwrap();

    private Task<T> HereAsync<T>(Func<Task<T>> action) => Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.None, _scheduler!).Unwrap();

    public Task<bool> IsRegisteredForAsync(string identity) => Task.FromResult(Stored is not null && state.State.Identity == identity);

    private Task StoreIdentityAsync(string identity)
    {
        state.State.Identity = identity;
        return StoreIdentityAsync();
    }

    /// <summary>Who answered at this address first is who may answer from now on: it is tried until it is stored.</summary>
    private async Task StoreIdentityAsync()
    {
        try
        {
            await _writes.RunAsync();
        }
        catch (StorageFailedException refused)
        {
            LogIdentityNotStored(refused, Name);
            Ended.Unless(() => this.RegisterGrainTimer(StoreIdentityAsync, StoreAgainAfter, Timeout.InfiniteTimeSpan), gone => LogIdentityNotStored(gone, Name));
        }
        catch (InconsistentStateException outdated)
        {
            LogIdentityNotStored(outdated, Name);
            Ended.Unless(DeactivateOnIdle, gone => LogIdentityNotStored(gone, Name));
        }
    }

    [LoggerMessage(2313, LogLevel.Error, "Cluster {Cluster}: its identity could not be stored")]
    private partial void LogIdentityNotStored(Exception exception, string cluster);
}
