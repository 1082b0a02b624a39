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

/// <summary>Letting go of all objects: detached, deleted with the cause that the target goes away, or left behind where the cluster is gone.</summary>
public sealed partial class TargetGrain
{
    /// <summary>The end of an object and the return of the cluster are news; these looks are for news that got lost.</summary>
    private static readonly TimeSpan FirstReleaseLook = TimeSpan.FromSeconds(15);
    private const int MaxObjectLookDoublings = 3;
    private const int MaxClusterLookDoublings = 6;
    private const int MaxNamesLeftBehind = 20;

    /// <summary>How long a group of objects of an application that goes away may take before it is reported.</summary>
    private static readonly TimeSpan ReleasePatience = TimeSpan.FromMinutes(5);

    /// <summary>Cancelled when the target is desired again before it has let go, or is to let go in another way.</summary>
    private CancellationTokenSource? _letting;

    private int _releaseLooks;

    public async Task ReleaseAsync(TargetReleaseOrder order)
    {
        if (_state.State.Released)
        {
            // Whoever asks again has not kept what it was told.
            _announced = null;
            Announce();
            return;
        }
        if (_state.State.Releasing is not { } running)
        {
            _state.State.Releasing = new ReleaseIntent { Cascade = order.Cascade, OperationId = order.OperationId, Force = order.Force, Started = _time.GetUtcNow() };
            await StoreAsync().OrUndoAsync(() => _state.State.Releasing = null);
            Ordered = null;
            await EndWaitingAsync("Superseded", "the target is being released");
        }
        else if (IsMilder(order, running))
        {
            (running.Cascade, running.Force) = (order.Cascade, order.Force);
            await StoreAsync();
            if (_letting is { IsCancellationRequested: false } letting) await letting.CancelAsync();
        }
        _releaseLooks = 0;
        PreEmpt("the target is being released");
        Work();
    }

    /// <summary>What was begun may be changed to what touches less: to keeping the objects, and to not touching the cluster at all.</summary>
    private static bool IsMilder(TargetReleaseOrder order, ReleaseIntent running) =>
        order.Cascade == Cascade.Keep && (running.Cascade != Cascade.Keep || (order.Force && !running.Force));

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
            foreach (var tracked in _objects.Values.Where(tracked => tracked.HasParkedEvents).ToArray())
            {
                tracked.HasParkedEvents = false;
                ((ITargetEvents)this).OnObjectChanged(tracked.Id);
            }
        }
    }

    private async Task ReleaseAllAsync(ReleaseIntent release, CancellationToken cancellationToken)
    {
        var operation = _state.State.Operation?.Id == release.OperationId ? _state.State.Operation
            : new TargetOperation { Id = release.OperationId, Phase = OperationPhase.Running, Started = release.Started ?? _time.GetUtcNow(), Total = _inventory.Entries.Count };
        _state.State.Operation = operation;
        if (release.Force)
        {
            await LeaveBehindAsync(operation, $"let go without touching cluster {_cluster}", cancellationToken);
            return;
        }
        var session = await ConnectAsync();
        cancellationToken.ThrowIfCancellationRequested();
        if (session is null && _conditions is [{ Type: ConditionTypes.ClusterMissing }])
        {
            await LeaveBehindAsync(operation, $"there is no cluster {_cluster} any more", cancellationToken);
            return;
        }
        if (session is null)
        {
            await WaitForClusterAsync(operation, release, cancellationToken);
            return;
        }
        release.WaitingSince = null;
        if (!await ReleaseObjectsAsync(session, release, cancellationToken) || _inventory.Entries.Count > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await WaitForObjectsAsync(operation);
            return;
        }
        await ForgetAllAsync(operation, release.Cascade == Cascade.Keep ? "its objects live on, detached" : "its objects are deleted", cancellationToken);
    }

    /// <summary>Nothing is forgotten while the cluster can't be used; the session says when it can.</summary>
    private async Task WaitForClusterAsync(TargetOperation operation, ReleaseIntent release, CancellationToken cancellationToken)
    {
        if (release.WaitingSince is null)
        {
            release.WaitingSince = _time.GetUtcNow();
            await StoreAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
        var condition = _conditions.Count > 0 ? _conditions[0] : NewCondition(ConditionTypes.ClusterUnreachable, "it is not connected yet");
        var state = condition.Type == ConditionTypes.ClusterUnreachable ? "unreachable" : "not usable";
        _state.State.Operation = operation with
        {
            Message = $"waiting for cluster {_cluster}, {state} since {release.WaitingSince:yyyy-MM-dd'T'HH:mm:ss'Z'}: {condition.Message}; "
                + $"to let go without it: gitopsctl delete application {_project}/{_application} --cascade keep --force",
        };
        Announce();
        LookAgain(MaxClusterLookDoublings);
    }

    private async Task WaitForObjectsAsync(TargetOperation operation)
    {
        if (!_inventory.IsInState) await FlushAsync();
        var first = _conditions.Count > 0 ? $": {ConditionViews.Sentence(_conditions[0])}" : "";
        _state.State.Operation = operation with
        {
            Done = Math.Max(0, operation.Total - _inventory.Entries.Count),
            Message = $"waiting for {_inventory.Entries.Count} objects{first}",
        };
        await StoreAsync();
        Announce();
        LookAgain(MaxObjectLookDoublings);
    }

    private void LookAgain(int doublings) => ComeBack(FirstReleaseLook * Math.Pow(2, Math.Min(_releaseLooks++, doublings)));

    /// <summary>Ends with the cluster as it is, and says what that leaves there.</summary>
    private async Task LeaveBehindAsync(TargetOperation operation, string why, CancellationToken cancellationToken)
    {
        var left = _inventory.Entries.Keys.Order().ToArray();
        var names = string.Join(", ", left.Take(MaxNamesLeftBehind).Select(id => id.Display)) + (left.Length > MaxNamesLeftBehind ? $" and {left.Length - MaxNamesLeftBehind} more" : "");
        var message = left.Length == 0 ? $"{why}; nothing is left behind" : $"{why}; {left.Length} objects are left behind there: {names}";
        if (left.Length > 0) LogLeftBehind(Key, why, left.Length, string.Join(", ", left.Select(id => id.Display)));
        _state.State.LeftBehind = left.Length == 0 ? "" : message;
        await ForgetAllAsync(operation, message, cancellationToken);
    }

    private async Task ForgetAllAsync(TargetOperation operation, string message, CancellationToken cancellationToken)
    {
        _joined = null;
        await Cluster.RemoveTargetAsync(Key);
        cancellationToken.ThrowIfCancellationRequested();
        await _inventory.ClearAsync();
        cancellationToken.ThrowIfCancellationRequested();
        _session?.Detach(Key, this);
        (_state.State.Released, _state.State.Releasing, _state.State.Desired, _state.State.Intent, _state.State.InventoryRecords) = (true, null, null, null, 0);
        _state.State.Ongoing = null;
        (_state.State.SyncedCommit, _state.State.SyncedDigest, _state.State.InventorySeal, _state.State.ManifestKey) = ("", default, default, null);
        (Ordered, _orderRefused) = (null, null);
        _state.State.Held.Clear();
        _state.State.Approved.Clear();
        // Should it be desired again, it begins as a new target does.
        (_session, _built, _builtFrom, _desiredFrom, _fenceClaimed) = (null, null, default, default, false);
        _objects.Clear();
        _passedOver.Clear();
        _behind.Clear();
        _fights.Clear();
        _autoscaled.Clear();
        _conditions = [];
        CancelComeBack();
        await EndAsync(operation with { Done = operation.Total }, OperationPhase.Succeeded, message);
    }

    /// <summary>False when not all could be tried: it is to be begun again.</summary>
    private async Task<bool> ReleaseObjectsAsync(ClusterSession session, ReleaseIntent release, CancellationToken cancellationToken)
    {
        await OwnerAsync();
        await ClaimFenceAsync();
        cancellationToken.ThrowIfCancellationRequested();
        // It has spoken, and desires nothing: others need not wait for it, however long its objects take.
        session.Claim(Key, new HashSet<ResourceId>());
        foreach (var tracked in _objects.Values) tracked.Desired = null;
        foreach (var id in _inventory.Entries.Keys) session.Follow(id, Key);
        var conditions = new List<Condition>();
        if (release.Cascade == Cascade.Keep)
        {
            var (candidates, catalog) = await ReadCandidatesAsync(session, [.. _inventory.Entries.Values], cancellationToken);
            if (catalog is null)
            {
                _conditions = [NewCondition(ConditionTypes.ClusterUnreachable, "the kinds of the cluster can't be read now")];
                return false;
            }
            foreach (var window in candidates.Chunk(MaxInFlight))
                await Task.WhenAll(window.Select(one => DetachAsync(session, one, conditions, cancellationToken)));
            _conditions = conditions;
            return true;
        }
        var done = await BeforeDeletionAsync(session, release, conditions, cancellationToken);
        if (done && _inventory.Entries.Count > 0)
        {
            await WatchInventoryAsync(session, cancellationToken);
            var propagation = release.Cascade == Cascade.Background ? Propagation.Background : Propagation.Foreground;
            await DeleteAllAsync(session, release, [.. _inventory.Entries.Values], propagation, conditions, cancellationToken);
        }
        if (done && _inventory.Entries.Count == 0) done = await AfterDeletionAsync(session, release, conditions, cancellationToken);
        _conditions = conditions;
        return done;
    }

    /// <summary>Takes our label, annotations and field ownership off an object that is still ours.</summary>
    private async Task DetachAsync(ClusterSession session, PruneCandidate candidate, List<Condition> conditions, CancellationToken cancellationToken)
    {
        var id = candidate.Entry.Id;
        for (var attempt = 1; ; attempt++)
        {
            if (candidate.Outcome == ReadOutcome.Failed || session.State is not { Connection: { } connection, Catalog: { } catalog })
            {
                conditions.Add(NewCondition(ConditionTypes.DeletionBlocked, "could not be read, so that it is still attached", id));
                return;
            }
            if (candidate.Live is not { } live || TrackingId.OwnerOf(live) != _owner || catalog.Find(id.Group, id.Kind) is not { } resource)
            {
                Forget(id);
                return;
            }
            cancellationToken.ThrowIfCancellationRequested();
            await _fence.EnsureAsync(cancellationToken);
            var detached = await connection.JsonPatchAsync(resource, id, Detachment.Patch(live), dryRun: false, cancellationToken);
            if (detached.IsSuccess || detached.Error.Kind == ClusterErrorKind.NotFound)
            {
                Forget(id);
                return;
            }
            if (detached.Error.Kind != ClusterErrorKind.Conflict || attempt == ObjectWriter.MaxAttempts)
            {
                conditions.Add(NewCondition(ConditionTypes.DeletionBlocked, $"could not be detached: {detached.Error.Message}", id));
                return;
            }
            candidate = await ReadCandidateAsync(session, candidate.Entry, cancellationToken);
        }
    }

    /// <summary>False when some of them are held, or could not be deleted; the conditions say why.</summary>
    private async Task<bool> DeleteAllAsync(
        ClusterSession session, ReleaseIntent release, IReadOnlyList<InventoryEntry> entries, Propagation propagation, List<Condition> conditions, CancellationToken cancellationToken)
    {
        var run = new SyncRun(_state.State.Operation!, new SyncOrder(_state.State.Operation!.Id, SyncTriggers.User, Prune: true, Everything: true), new TargetDesired());
        var request = await ReleaseRequestAsync(session, entries, cancellationToken);
        var verdicts = PruneGuards.Decide(request);
        foreach (var verdict in verdicts.Where(IsLeftToLive)) await DetachAsync(session, verdict.Candidate, conditions, cancellationToken);
        TakeAll(run, [.. verdicts.Where(verdict => !IsLeftToLive(verdict))]);
        var order = new DeletionOrder(release.OperationId, _state.State.SyncedCommit, request, run, ReleasePatience)
        {
            Propagation = _ => propagation,
            AskAgain = (entries, token) => ReleaseRequestAsync(session, entries, token),
        };
        await DeleteInOrderAsync(session, order, PruneOrder.Of(verdicts, PruneCause.TargetDeleted), cancellationToken);
        conditions.AddRange(run.Notes);
        return order.Undeleted.Count == 0 && !verdicts.Any(verdict => verdict.Decision == PruneDecision.Hold);
    }

    /// <summary>It is ours and stays: we let go of it.</summary>
    private bool IsLeftToLive(PruneVerdict verdict) =>
        verdict is { Decision: PruneDecision.Skip, Candidate.Live: { } live } && TrackingId.OwnerOf(live) == _owner;

    /// <summary>After a restart nothing of what is to be deleted may be watched yet, and its end would be no news.</summary>
    private Task WatchInventoryAsync(ClusterSession session, CancellationToken cancellationToken)
    {
        if (session.State.Catalog is not { } catalog) return Task.CompletedTask;
        return session.WatchAsync(
            _inventory.Entries.Keys.Select(id => (Resource: catalog.Find(id.Group, id.Kind), id.Namespace))
                .Where(item => item.Resource is { CanWatch: true }).Select(item => (item.Resource!, item.Namespace)), cancellationToken);
    }

    private async Task<PruneRequest> ReleaseRequestAsync(ClusterSession session, IReadOnlyList<InventoryEntry> entries, CancellationToken cancellationToken)
    {
        var (approved, since) = (_state.State.Approved.ToHashSet(), SinceHeld());
        var (candidates, catalog) = await ReadCandidatesAsync(session, entries, cancellationToken);
        var same = await session.IsSameClusterAsync(cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return new PruneRequest
        {
            Cause = PruneCause.TargetDeleted,
            Owner = _owner!,
            Candidates = candidates,
            InventoryCount = _inventory.Entries.Count,
            IsDiscoveryComplete = catalog is { IsComplete: true },
            IsClusterSame = same,
            Silent = OtherUndecided(session),
            Options = Options,
            WantedByOther = id => OtherOwner(session, id),
            NamedByOther = id => NamedByOther(session, id),
            DesiredWithin = id => DesiredWithin(session, id),
            HeldSince = id => since.TryGetValue(id, out var at) ? at : null,
            // Whoever deletes an application with its objects has said so; of single objects an annotation may ask again.
            IsApproved = approved.Contains,
        };
    }
}
