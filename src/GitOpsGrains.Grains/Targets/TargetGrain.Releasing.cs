using GitOpsGrains.Abstractions.Applications;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Grains.Clusters;

namespace GitOpsGrains.Grains.Targets;

/// <summary>Letting go of all objects: detached, or deleted with the cause that the target goes away.</summary>
public sealed partial class TargetGrain
{
    private static readonly TimeSpan ReleasePause = TimeSpan.FromSeconds(2);

    /// <summary>Cancelled when the target is desired again before it has let go.</summary>
    private CancellationTokenSource? _letting;

    private async Task ReleaseAllAsync(ReleaseIntent release)
    {
        using var letting = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        _letting = letting;
        try
        {
            foreach (var checking in _objects.Values.Select(tracked => tracked.Checking).OfType<Task>().ToArray())
                await checking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            await ReleaseAllAsync(release, letting.Token);
        }
        catch (OperationCanceledException) when (letting.IsCancellationRequested && !_stopping.IsCancellationRequested)
        {
            // Its claims are gone: the round that was ordered with the new desired state makes them anew.
            (_built, _builtFrom) = (null, default);
        }
        finally
        {
            _letting = null;
        }
    }

    private async Task ReleaseAllAsync(ReleaseIntent release, CancellationToken cancellationToken)
    {
        var operation = _state.State.Operation?.Id == release.OperationId ? _state.State.Operation
            : new TargetOperation { Id = release.OperationId, Phase = OperationPhase.Running, Started = _time.GetUtcNow(), Total = _inventory.Entries.Count };
        _state.State.Operation = operation;
        var session = await ConnectAsync();
        cancellationToken.ThrowIfCancellationRequested();
        if (session is null && _conditions is not [{ Type: ConditionTypes.ClusterMissing }])
        {
            Announce();
            return;
        }
        // Without a cluster there never was anything in our hands.
        if (session is not null) await ReleaseObjectsAsync(session, release, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        if (session is not null && _inventory.Entries.Count > 0)
        {
            if (_inventory.IsDirty) await _inventory.FlushAsync();
            var first = _conditions.Count > 0 ? ConditionViews.Sentence(_conditions[0]) : "";
            _state.State.Operation = operation with { Done = Math.Max(0, operation.Total - _inventory.Entries.Count), Message = $"waiting for {_inventory.Entries.Count} objects {first}" };
            Announce();
            ComeBack(ReleasePause);
            return;
        }
        await Cluster.RemoveTargetAsync(Key);
        cancellationToken.ThrowIfCancellationRequested();
        await _inventory.ClearAsync();
        cancellationToken.ThrowIfCancellationRequested();
        session?.Detach(Key, this);
        (_state.State.Released, _state.State.Releasing, _state.State.Desired, _state.State.Intent, _state.State.InventoryRecords) = (true, null, null, null, 0);
        (_state.State.SyncedCommit, _state.State.SyncedDigest, _state.State.ManifestKey) = ("", default, null);
        // Should it be desired again, it begins as a new target does.
        (_session, _built, _builtFrom, _desiredFrom, _fenceClaimed) = (null, null, default, default, false);
        _objects.Clear();
        _passedOver.Clear();
        _fights.Clear();
        _autoscaled.Clear();
        _conditions = [];
        await EndAsync(operation, OperationPhase.Succeeded, release.Cascade == Cascade.Keep ? "its objects live on, detached" : "its objects are deleted");
    }

    private async Task ReleaseObjectsAsync(ClusterSession session, ReleaseIntent release, CancellationToken cancellationToken)
    {
        await OwnerAsync();
        await ClaimFenceAsync();
        cancellationToken.ThrowIfCancellationRequested();
        session.Unclaim(Key);
        var conditions = new List<Condition>();
        var entries = _inventory.Entries.Values.OrderBy(entry => entry.Id, Comparer<ResourceId>.Create(ApplyOrder.CompareReversed)).ToArray();
        var candidates = await Task.WhenAll(entries.Select(entry => ReadCandidateAsync(session, entry, cancellationToken)));
        if (release.Cascade == Cascade.Keep)
        {
            foreach (var window in candidates.Chunk(MaxInFlight))
                await Task.WhenAll(window.Select(candidate => DetachAsync(session, candidate, conditions, cancellationToken)));
        }
        else
        {
            await DeleteAllAsync(session, candidates, release.Cascade == Cascade.Background ? Propagation.Background : Propagation.Foreground, conditions, cancellationToken);
        }
        _conditions = conditions;
    }

    /// <summary>Takes our label, annotations and field ownership off an object that is still ours.</summary>
    private async Task DetachAsync(ClusterSession session, PruneCandidate candidate, List<Condition> conditions, CancellationToken cancellationToken)
    {
        var id = candidate.Entry.Id;
        if (candidate.Outcome == ReadOutcome.Failed)
        {
            conditions.Add(NewCondition(ConditionTypes.DeletionBlocked, "could not be read, so that it is still attached", id));
            return;
        }
        if (candidate.Live is not { } live || TrackingId.OwnerOf(live) != _owner)
        {
            Forget(id);
            return;
        }
        cancellationToken.ThrowIfCancellationRequested();
        await _fence.EnsureAsync(cancellationToken);
        var resource = session.State.Catalog!.Find(id.Group, id.Kind)!;
        var detached = await session.State.Connection!.JsonPatchAsync(resource, id, Detachment.Patch(live), dryRun: false, cancellationToken);
        if (detached.IsSuccess || detached.Error.Kind == ClusterErrorKind.NotFound) Forget(id);
        else if (detached.Error.Kind != ClusterErrorKind.Conflict) conditions.Add(NewCondition(ConditionTypes.DeletionBlocked, detached.Error.Message, id));
    }

    private async Task DeleteAllAsync(ClusterSession session, PruneCandidate[] candidates, Propagation propagation, List<Condition> conditions, CancellationToken cancellationToken)
    {
        var catalog = await session.RediscoverAsync(cancellationToken);
        var run = new SyncRun(_state.State.Operation!, new SyncOrder(_state.State.Operation!.Id, SyncTriggers.User, Prune: true, Everything: true), new TargetDesired());
        var request = new PruneRequest
        {
            Cause = PruneCause.TargetDeleted,
            Owner = _owner!,
            Candidates = candidates,
            InventoryCount = candidates.Length,
            IsDiscoveryComplete = catalog is { IsComplete: true },
            IsClusterSame = await session.IsSameClusterAsync(cancellationToken),
            WantedByOther = id => OtherOwner(session, id),
            // Whoever deletes an application with its objects has said so; only what an annotation keeps stays.
            IsApproved = _ => false,
        };
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var verdict in PruneGuards.Decide(request))
        {
            var live = verdict.Candidate.Live;
            if (verdict.Decision == PruneDecision.Hold && live is { IsDeleting: true })
                conditions.Add(NewCondition(ConditionTypes.DeletionBlocked, $"is being deleted{LiveFinalizers.Describe(live)}", verdict.Candidate.Entry.Id));
            else if (verdict.Decision == PruneDecision.Skip && live is not null && TrackingId.OwnerOf(live) == _owner)
                await DetachAsync(session, verdict.Candidate, conditions, cancellationToken);
            else
                await CarryOutAsync(session, run, verdict, propagation, cancellationToken);
        }
        conditions.AddRange(run.Notes);
    }
}
