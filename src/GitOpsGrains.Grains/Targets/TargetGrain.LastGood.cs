using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Grains.Clusters;

namespace GitOpsGrains.Grains.Targets;

/// <summary>The manifests that were in sync last, and the way back to them when a sync fails half-way.</summary>
public sealed partial class TargetGrain
{
    private const int MaxLeftNamed = 5;

    /// <summary>Remembers a set that has just been synced, for as long as the target has it; stored with the end of the run.</summary>
    private void NoteGood(SyncRun run)
    {
        if (_state.State.Desired?.SetDigest != run.Desired.SetDigest) return;
        if (_state.State.LastGood is { } before && before.SetDigest != run.Desired.SetDigest) _past.RecordSet(before);
        _state.State.LastGood = new LastGoodSet
        {
            SetDigest = run.Desired.SetDigest,
            ManifestKey = _state.State.ManifestKey,
            Namespace = run.Desired.Namespace,
            Commit = run.Desired.Revision.Commit,
            Subject = run.Desired.ToSubject(),
        };
    }

    /// <summary>Keeps the stored set from being swept. One that the store lost is rendered again when it is needed.</summary>
    private async Task RenewLastGoodAsync()
    {
        if (_state.State.LastGood is { ManifestKey: { } key } good && !await _sets.RenewAsync(key, _stopping.Token)) good.ManifestKey = null;
    }

    /// <summary>
    /// Gives the objects that a failed sync changed the manifests again that they had before (onFailure: restore), and says
    /// in the run's notes what came of it. Call it before the run's conditions are made; it changes nothing when there is no
    /// earlier set to go back to. What it writes stays new demand: a retry applies the failed set again.
    /// </summary>
    private async Task RestoreTouchedAsync(ClusterSession session, SyncRun run, CancellationToken cancellationToken)
    {
        var touched = run.Outcomes.Select(done => new TouchedObject(done.Id, done.Outcome.Action)).ToArray();
        if (!touched.Any(done => done.Action is ApplyAction.Created or ApplyAction.Configured)) return;
        if (_state.State.LastGood is not { } good || good.SetDigest == run.Desired.SetDigest)
        {
            NoteRestore(run, "nothing is restored: no earlier set of manifests was ever in sync");
            return;
        }
        if (await LoadGoodAsync(run, good, cancellationToken) is not { } set)
        {
            NoteRestore(run, $"nothing is restored: the manifests of {Short(good.Commit)} are not at hand any more");
            return;
        }
        if (session.State.Catalog is not { } catalog)
        {
            NoteRestore(run, "nothing is restored: the cluster is not connected now");
            return;
        }
        var owner = await OwnerAsync();
        var built = await Task.Run(() => DesiredState.Build(set, catalog, good.Namespace, owner), cancellationToken);
        var restoration = Restoration.Of(touched, _built?.Objects ?? [], built.Objects, Options);
        var failures = new List<string>();
        var wasWriting = _isWriting;
        _isWriting = true;
        try
        {
            foreach (var step in restoration.Steps)
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var room = new SemaphoreSlim(MaxInFlight);
                await Task.WhenAll(step.Select(previous => RestoreOneAsync(session, previous, good.SetDigest, failures, room, cancellationToken)));
            }
        }
        finally
        {
            _isWriting = wasWriting;
        }
        // A sync whose health failed had counted as applied.
        if (failures.Count == 0) _state.State.SyncedCommit = good.Commit;
        NoteRestore(run, DescribeRestore(restoration, good, failures));
    }

    private async Task RestoreOneAsync(
        ClusterSession session, DesiredObject previous, Digest set, List<string> failures, SemaphoreSlim room, CancellationToken cancellationToken)
    {
        await room.WaitAsync(cancellationToken);
        var tracked = Track(previous.Id);
        if (tracked.Checking is { IsCompleted: false } checking)
            await checking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        tracked.IsBusy = true;
        try
        {
            if (session.State.Catalog is not { } catalog || ResourceOf(catalog, previous) is not { } resource)
            {
                failures.Add($"{previous.Id.Display}: {NotServed(previous.Id, previous.ApiVersion)}");
                return;
            }
            var outcome = await WriterFor(session, set, previous).ApplyAsync(
                previous, resource, _inventory.Find(previous.Id), CurrentOf(session, previous.Id), absentSince: null, _stopping.Token);
            if (outcome.Action == ApplyAction.Failed || outcome.IsSuperseded) failures.Add($"{previous.Id.Display}: {outcome.Message}");
            else Note(tracked, previous, outcome);
        }
        finally
        {
            tracked.IsBusy = false;
            room.Release();
        }
    }

    private async Task<ManifestSet?> LoadGoodAsync(SyncRun run, LastGoodSet good, CancellationToken cancellationToken) =>
        (await LoadOrRenderAsync(good.SetDigest, good.ManifestKey, good.Subject ?? RenderSubject.Of(run.Desired.Source, good.Commit, run.Desired.Scope), cancellationToken)).Set;

    private void NoteRestore(SyncRun run, string message) => run.Notes.Add(NewCondition(ConditionTypes.Restored, message));

    private static string DescribeRestore(Restoration restoration, LastGoodSet good, List<string> failures)
    {
        var parts = new List<string> { $"{restoration.Count - failures.Count} objects have the manifests of {Short(good.Commit)} again" };
        if (failures.Count > 0) parts.Add($"{failures.Count} could not be restored ({failures[0]})");
        if (restoration.Left.Count > 0) parts.Add($"left as they are, since {Short(good.Commit)} does not have them: {Names(restoration.Left)}");
        if (restoration.Gone.Count > 0) parts.Add($"deleted by the sync and not made again: {Names(restoration.Gone)}");
        return string.Join("; ", parts);
    }

    private static string Names(IReadOnlyList<ResourceId> ids) =>
        string.Join(", ", ids.Take(MaxLeftNamed).Select(id => id.Display)) + (ids.Count > MaxLeftNamed ? $" and {ids.Count - MaxLeftNamed} more" : "");

    private static string Short(string commit) => commit.Length > 8 ? commit[..8] : commit;
}
