using GitOpsGrains.Abstractions.Applications;
using GitOpsGrains.Abstractions.Catalog;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Grains.Applications;

/// <summary>What was asked of the application, how far it is, and what the targets say of it.</summary>
public sealed partial class ApplicationGrain
{
    private const int OperationsWithResults = 3;
    private const int MissedShown = 5;

    public async Task<OperationView?> GetOperationAsync(string id, TimeSpan wait, CancellationToken cancellationToken)
    {
        var asked = _time.GetTimestamp();
        var longest = wait < LongestWait ? wait : LongestWait;
        var first = ViewOf(id);
        while (true)
        {
            var view = ViewOf(id);
            var left = longest - _time.GetElapsedTime(asked);
            if (view is null || !SameNews(view, first) || left <= TimeSpan.Zero
                || view.Phase is OperationPhase.Succeeded or OperationPhase.Failed or OperationPhase.Terminated) return view;
            try
            {
                await _changed.Next.WaitAsync(left, _time, cancellationToken);
            }
            catch (TimeoutException)
            {
                return ViewOf(id);
            }
        }
    }

    /// <summary>Lists compare by reference: what is in them changes only with the rest.</summary>
    private static bool SameNews(OperationView view, OperationView? first) => view with { Objects = null } == first! with { Objects = null };

    private OperationView? ViewOf(string id) =>
        _state.State.Operations.FirstOrDefault(operation => operation.Id == id) is { } found ? ApplicationViews.Of(found, _summaries) : null;

    private ApplicationOperation NewOperation(string kind)
    {
        var operation = new ApplicationOperation { Id = OperationIds.New(Key), Kind = kind, Phase = OperationPhase.Running, Started = _time.GetUtcNow() };
        _state.State.Operations.Insert(0, operation);
        // One that runs is not forgotten while others are over.
        if (_state.State.Operations.Count > MaxOperations)
            _state.State.Operations.RemoveAt(_state.State.Operations.FindLastIndex(known => known.IsOver) is var over and > 0 ? over : _state.State.Operations.Count - 1);
        return operation;
    }

    /// <summary>Stores a command before anything is done for it. What the storage refuses is forgotten: nobody was told of it.</summary>
    private Task StoreNewAsync(ApplicationOperation operation, Action? undo = null) => StoreAsync().OrUndoAsync(() =>
    {
        _state.State.Operations.Remove(operation);
        undo?.Invoke();
    });

    /// <summary>Neither a pass nor a target ends it.</summary>
    private static bool RunsItself(ApplicationOperation operation) => operation.Kind is RestoreKind or RollbackKind;

    /// <summary>Whoever asked waits for the operation, not for the log: it ends however the work does.</summary>
    private async Task RunItselfAsync(ApplicationOperation operation, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception failure) when (!_stopping.IsCancellationRequested)
        {
            Finish(operation, OperationPhase.Failed, $"the {operation.Kind} stopped: {failure.GetType().Name}");
            throw;
        }
        finally
        {
            if (!_stopping.IsCancellationRequested)
            {
                await StoreAsync();
                Announce();
            }
        }
    }

    /// <summary>What an ended activation ran runs no more.</summary>
    private void EndInterrupted()
    {
        foreach (var operation in _state.State.Operations.Where(operation => !operation.IsOver && RunsItself(operation)))
            Finish(operation, OperationPhase.Failed, operation.Kind == RestoreKind
                ? "interrupted; ask for it again, what is back stays as it is"
                : "interrupted; look into Git whether the commit was pushed");
    }

    private ApplicationOperation Finish(ApplicationOperation operation, OperationPhase phase, string message)
    {
        (operation.Phase, operation.Message, operation.Finished) = (phase, message, _time.GetUtcNow());
        return operation;
    }

    /// <summary>The sync that was asked for last and waits for this pass, with the targets that it goes to; older ones are overtaken.</summary>
    /// <param name="due">What was asked for before the pass began: what came since asks Git anew, in the next one.</param>
    private async Task<ApplicationOperation?> BeginSyncAsync(IReadOnlyList<ApplicationOperation> due)
    {
        var waiting = due.Where(operation => operation is { Kind: "sync", IsOver: false, HandedDown: false }).ToArray();
        if (waiting.Length == 0) return null;
        foreach (var older in waiting.Skip(1)) Finish(older, OperationPhase.Terminated, "overtaken by a newer sync");
        if (_state.State.Clusters.Count == 0) Finish(waiting[0], OperationPhase.Failed, "the destination names no cluster");
        else if (SyncOrders.WrongRevision(waiting[0], [.. _state.State.Rendered!.Commits]) is { } wrong) Finish(waiting[0], OperationPhase.Failed, wrong);
        if (!waiting[0].IsOver) (waiting[0].Clusters, waiting[0].Missed) = ([.. _state.State.Clusters.Where(cluster => _state.State.Rendered!.SetOf(cluster) is not null)], MissedNow());
        await StoreAsync();
        return waiting[0].IsOver ? null : waiting[0];
    }

    /// <summary>Who has nothing of the newest commits, and why.</summary>
    private string MissedNow() => _waiting.Count == 0 ? "" : string.Join("; ", _waiting.OrderBy(item => item.Key, StringComparer.Ordinal).Take(MissedShown)
        .Select(item => ConditionViews.Sentence(ConditionViews.Of(item.Key, item.Value[0])))) + (_waiting.Count > MissedShown ? $"; and {_waiting.Count - MissedShown} more" : "");

    /// <summary>Ends what a pass alone fulfils or refuses.</summary>
    private async Task FinishPassAsync(IReadOnlyList<ApplicationOperation> due, IReadOnlyList<Condition> conditions)
    {
        var waiting = due.Where(operation => !operation.IsOver && !RunsItself(operation) && (operation.Clusters.Count == 0 || operation is { Kind: "sync", HandedDown: false })).ToArray();
        foreach (var operation in waiting)
        {
            if (conditions.Count == 0 || operation.Kind is "suspend" or "resume") Finish(operation, OperationPhase.Succeeded, $"at {_state.State.Rendered?.Commit}{(_waiting.Count > 0 ? $"; not for all clusters: {MissedNow()}" : "")}");
            else Finish(operation, OperationPhase.Failed, ConditionViews.Sentence(conditions[0]));
        }
        if (waiting.Length > 0) await StoreAsync();
    }

    private void Take(TargetSummary summary)
    {
        if (summary.IsNewerThan(_summaries.GetValueOrDefault(summary.Cluster))) _summaries[summary.Cluster] = summary;
    }

    /// <summary>Reads the targets that have news, and ends the operations that all their targets have ended.</summary>
    private async Task PullAsync()
    {
        var unread = _unread.ToArray();
        _unread.Clear();
        try
        {
            foreach (var window in unread.Chunk(FanOut))
                foreach (var summary in await Task.WhenAll(window.Select(cluster => Target(cluster).GetSummaryAsync()))) Take(summary);
        }
        catch
        {
            _unread.UnionWith(unread);
            throw;
        }
        // One that began anew without having stored what it was given last.
        if (unread.Any(cluster => _summaries.GetValueOrDefault(cluster) is { } read && read.DesiredSequence < _state.State.Sequence && _state.State.Clusters.Contains(cluster))) Reconcile(askGit: false);
        if (_state.State.Deleting is not null) await FinishDeletionAsync();
        else await FinishLeavingAsync();
        await FinishOperationsAsync();
        Announce();
    }

    private async Task FinishOperationsAsync()
    {
        var ended = false;
        foreach (var operation in _state.State.Operations.Where(operation => !operation.IsOver && operation.Clusters.Count > 0 && !RunsItself(operation)))
        {
            // What has not begun anywhere is not over.
            if (operation is { Kind: "sync" or "approve", HandedDown: false }) continue;
            if (operation.Clusters.Any(cluster => _summaries.GetValueOrDefault(cluster)?.Ordered == operation.Id)) continue;
            var parts = operation.Clusters.Select(cluster => _summaries.GetValueOrDefault(cluster) is { } summary ? summary.OperationOf(operation.Id) ?? summary.Operation : null).ToArray();
            // A target that has gone on to another operation ended this one before.
            if (parts.Any(part => part is null || (part.Id == operation.Id && !part.IsOver))) continue;
            var own = parts.Where(part => part!.Id == operation.Id).ToArray();
            if (own.Length == 0 && operation.Kind == "sync" && parts.Any(part => !part!.IsOver)) continue;
            var worst = own.OrderByDescending(part => part!.Phase).FirstOrDefault();
            operation.Results = [.. ApplicationViews.Of(operation, _summaries).Objects ?? []];
            Finish(operation, worst?.Phase ?? OperationPhase.Terminated, worst?.Message ?? "overtaken by a newer operation");
            if (operation is { Phase: OperationPhase.Succeeded, Missed.Length: > 0 }) Finish(operation, OperationPhase.Failed, $"on {operation.Clusters.Count} of the clusters; not on all: {operation.Missed}");
            ended = true;
        }
        if (!ended) return;
        // Each may be tens of kilobytes, and people look at the last few.
        foreach (var old in _state.State.Operations.Where(operation => operation.Results.Count > 0).Skip(OperationsWithResults)) old.Results = [];
        await StoreAsync();
    }

    private async Task FinishLeavingAsync()
    {
        var gone = _state.State.Leaving.Keys.Where(cluster => _summaries.GetValueOrDefault(cluster)?.Released == true).ToArray();
        if (gone.Length == 0) return;
        await ForgetTargetsAsync(gone);
        foreach (var cluster in gone) _state.State.Leaving.Remove(cluster);
        await StoreAsync();
    }

    private async Task ForgetTargetsAsync(IReadOnlyList<string> clusters)
    {
        var (project, name) = GrainKeys.ParseApplication(Key);
        await CatalogPartitions.RemoveAsync(GrainFactory, clusters.Select(cluster =>
            new CatalogEntry(CatalogKind.Target, GrainKeys.Target(project, name, cluster))));
        foreach (var cluster in clusters) _summaries.Remove(cluster);
    }
}
