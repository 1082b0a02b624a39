using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Grains.Clusters;

namespace GitOpsGrains.Grains.Targets;

/// <summary>Putting back what was deleted, from its tombstone.</summary>
public sealed partial class TargetGrain
{
    private readonly Queue<(TargetRestoreOrder Order, TaskCompletionSource<TargetRestoreResult> Answer)> _restores = [];

    public Task<TargetRestoreResult> RestoreAsync(TargetRestoreOrder order)
    {
        if (_state.State.Released || _state.State.Desired is null)
            return Task.FromResult(new TargetRestoreResult { Error = $"the application is not on cluster {_cluster} now" });
        var answer = new TaskCompletionSource<TargetRestoreResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        _restores.Enqueue((order, answer));
        Work();
        return answer.Task.WaitAsync(_stopping.Token);
    }

    public async Task<IReadOnlyList<TombstoneView>> GetTombstonesAsync(int limit)
    {
        var views = new List<TombstoneView>();
        foreach (var record in FreshTombstones())
        {
            if (views.Count >= limit) break;
            views.AddRange((await ExhumeAsync(record, _stopping.Token)).OrderBy(manifest => manifest.Id).Select(manifest => new TombstoneView
            {
                Object = manifest.Id.ToString(),
                Cluster = _cluster,
                DeletedAt = record.At,
                Revision = record.Commit,
                Reason = record.Cause == PruneCause.LeftGit ? "left Git" : "the application was deleted",
                Operation = record.OperationId,
            }));
        }
        return [.. views.Take(limit)];
    }

    private TombstoneRecord[] FreshTombstones() =>
        [.. _state.State.Tombstones.Where(record => _time.GetUtcNow() - record.At <= TombstoneRecord.Lifetime)];

    /// <summary>Serves the restores that were asked for: a part of the loop, so that no sync runs beside it.</summary>
    private async Task RestoreOrderedAsync()
    {
        while (_restores.TryDequeue(out var asked))
        {
            try
            {
                asked.Answer.TrySetResult(await RestoreOneAsync(asked.Order));
            }
            catch (Exception failure)
            {
                asked.Answer.TrySetException(failure);
                throw;
            }
        }
    }

    private async Task<TargetRestoreResult> RestoreOneAsync(TargetRestoreOrder order)
    {
        if (_state.State.Releasing is not null || _state.State.Desired is not { } desired) return new TargetRestoreResult { Error = "the application is being deleted" };
        var manifests = await ChosenAsync(order);
        if (!order.DryRun && !order.OverrideWindow && BlockedByWindow(manual: true) is { } blocked)
            return new TargetRestoreResult { Error = $"{blocked.Message}; to restore all the same: gitopsctl app restore {_project}/{_application} --override-window" };
        if (manifests.Count == 0) return new TargetRestoreResult { Error = order.Objects.Count == 0 ? "nothing that was deleted is kept" : "none of these objects is among what was deleted" };
        if (await ConnectAsync() is not { } session)
            return new TargetRestoreResult { Error = _conditions.Count > 0 ? ConditionViews.Sentence(_conditions[0]) : "the cluster is not connected yet" };
        await OwnerAsync();
        if (!order.DryRun) await ClaimFenceAsync();
        var began = _time.GetUtcNow();
        var done = new List<TargetOperationObject>();
        foreach (var manifest in manifests.OrderBy(manifest => manifest.Id, Comparer<ResourceId>.Create(ApplyOrder.Compare)))
        {
            var (action, message) = await RestoreAsync(session, desired, manifest, order);
            done.Add(new TargetOperationObject { Object = manifest.Id, Action = action, Message = message });
        }
        if (!order.DryRun)
        {
            await WatchInventoryAsync(session, _stopping.Token);
            if (!_inventory.IsInState) await FlushAsync();
            _past.Record(HistoryOf(order, desired, done, began));
            await Task.WhenAll(_past.SpillAsync(), StoreAsync());
            Announce();
        }
        return new TargetRestoreResult { Objects = done };
    }

    /// <summary>The manifests that the order asks for; of an object that was deleted several times the newest.</summary>
    private async Task<IReadOnlyList<ManifestObject>> ChosenAsync(TargetRestoreOrder order)
    {
        var chosen = new Dictionary<ResourceId, ManifestObject>();
        foreach (var record in FreshTombstones())
        {
            if (order.DeletedBy is { } operation && record.OperationId != operation) continue;
            foreach (var manifest in await ExhumeAsync(record, _stopping.Token))
                if (order.Objects.Count == 0 || order.Objects.Any(reference => reference.Matches(manifest.Id)))
                    chosen.TryAdd(manifest.Id, manifest);
            if (order.Objects.Count == 0 && chosen.Count > 0) break;
        }
        return [.. chosen.Values];
    }

    private async Task<(ApplyAction Action, string Message)> RestoreAsync(
        ClusterSession session, TargetDesired desired, ManifestObject manifest, TargetRestoreOrder order)
    {
        var id = manifest.Id;
        if (_objects.GetValueOrDefault(id)?.Desired is not null) return (ApplyAction.Skipped, "is in Git: a sync makes it");
        if (OtherOwner(session, id) is { } other) return (ApplyAction.Skipped, $"is desired by {other} now");
        if (RefusalOf(session, desired, id) is { } refusal) return (ApplyAction.Failed, refusal);
        if (session.State is not { Connection: { } connection, Catalog: { } catalog }) return (ApplyAction.Failed, "the cluster is not connected now");
        if (catalog.Find(id, manifest.ApiVersion) is not { } resource)
        {
            catalog = await session.RediscoverAsync(_stopping.Token) ?? catalog;
            if (catalog.Find(id, manifest.ApiVersion) is not { } late)
                return (ApplyAction.Failed, $"{NotServed(id, manifest.ApiVersion)} now; restore it again when it does");
            resource = late;
        }
        var read = await connection.GetAsync(resource, id, _stopping.Token);
        if (read.IsSuccess) return (ApplyAction.Skipped, "is there already; it is left as it is");
        if (read.Error.Kind != ClusterErrorKind.NotFound) return (ApplyAction.Failed, read.Error.Message);
        return order.DryRun ? (ApplyAction.Created, "would be created") : await CreateAgainAsync(session, connection, resource, manifest, order.OperationId);
    }

    /// <summary>The limits of the project and of the cluster's document hold for what comes back, too.</summary>
    private string? RefusalOf(ClusterSession session, TargetDesired desired, ResourceId id)
    {
        if (session.Namespaces.Count > 0 && !session.Namespaces.Contains(id.Namespace)) return $"cluster {_cluster} is limited to the namespaces {string.Join(", ", session.Namespaces)}";
        if (!NamePattern.MatchesAny(desired.Allowed.Kinds, id.QualifiedKind)) return $"project {_project} does not allow the kind {id.QualifiedKind}";
        return id.Namespace.Length > 0 && !NamePattern.MatchesAny(desired.Allowed.Namespaces, id.Namespace)
            ? $"project {_project} does not allow the namespace {id.Namespace}" : null;
    }

    /// <summary>In the inventory before it is in the cluster: a crash in between leaves an entry without an object, never an object that nobody knows.</summary>
    private async Task<(ApplyAction Action, string Message)> CreateAgainAsync(
        ClusterSession session, IClusterConnection connection, Engine.Resources.ApiResource resource, ManifestObject manifest, string operation)
    {
        var id = manifest.Id;
        var entry = new InventoryEntry { Id = id, ApiVersion = manifest.ApiVersion };
        await HoldAsync([entry]);
        await _fence.EnsureAsync(_stopping.Token);
        var created = await connection.CreateAsync(resource, id, Tombstone.BodyOf(manifest, operation), _stopping.Token);
        if (!created.IsSuccess)
        {
            // Where it is not known whether the server made it, the next prune finds out.
            if (!created.Error.IsOfCluster) Forget(id);
            return created.Error.Kind == ClusterErrorKind.AlreadyExists
                ? (ApplyAction.Skipped, "is there already; it is left as it is")
                : (ApplyAction.Failed, created.Error.Message);
        }
        _inventory.Set(entry with { Uid = created.Value.Uid });
        var tracked = Track(id);
        (tracked.Sync, tracked.Action, tracked.Message) = (SyncStatus.OutOfSync, ApplyAction.Created, DeletionWish.RestoredReason);
        _passedOver.Add(id);
        session.Follow(id, Key);
        return (ApplyAction.Created, DeletionWish.RestoredReason);
    }

    private HistoryView HistoryOf(TargetRestoreOrder order, TargetDesired desired, List<TargetOperationObject> done, DateTimeOffset began) => new()
    {
        Id = order.OperationId,
        Cluster = _cluster,
        Revision = desired.Revision.Commit,
        Author = desired.Revision.Author,
        PullRequest = desired.Revision.PullRequest,
        Sources = Applications.SourceRevisions.Of(desired.Sources),
        Message = desired.Revision.Message.Length > 500 ? desired.Revision.Message[..500] : desired.Revision.Message,
        Started = began,
        Finished = _time.GetUtcNow(),
        Trigger = "restore",
        Result = done.Exists(item => item.Action == ApplyAction.Failed) ? "Failed" : "Succeeded",
        Objects = [.. TargetOperationObject.Bounded(done).Select(item => new HistoryObjectView { Object = item.Object.ToString(), Action = item.Action.ToString(), Message = item.Message })],
    };
}
