using System.Collections.Concurrent;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Health;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Grains.Clusters;

namespace GitOpsGrains.Grains.Targets;

/// <summary>
/// Hooks: objects that a sync makes, waits for and deletes as their policies say. They are in no inventory and are never
/// compared with Git.
/// </summary>
public sealed partial class TargetGrain
{
    /// <summary>After a request that was not answered: between two looks for what became of it, and how long they go on.</summary>
    private static readonly TimeSpan AnswerPause = TimeSpan.FromSeconds(1), AnswerPatience = TimeSpan.FromSeconds(60);

    // Most targets have none: by default it would have a lock for each processor and 31 buckets.
    private readonly ConcurrentDictionary<ResourceId, RunningHook> _hooks = new(concurrencyLevel: 1, capacity: 0);

    /// <summary>Runs the hooks of a step, those of one kind at once, and waits for the end of all of them.</summary>
    private async Task RunHooksAsync(ClusterSession session, SyncRun run, SyncStep step, CancellationToken cancellationToken)
    {
        if (step.Hooks.Count == 0) return;
        var started = new List<RunningHook>();
        foreach (var stage in step.Hooks)
        {
            var made = (await Task.WhenAll(stage.Select(hook => StartHookAsync(session, run, hook, step.Phase, cancellationToken)))).OfType<RunningHook>().ToArray();
            await RecordHooksAsync(run, made);
            started.AddRange(made);
        }
        await WhileNothingIsWrittenAsync(() => AwaitHooksAsync(session, run, step, started, cancellationToken));
        foreach (var hook in started) await EndHookAsync(session, run, hook, cancellationToken);
        if (step.Phase <= SyncPhase.PostSync && step.Hooks.Any(stage => stage.Any(hook => ApplyOrder.IsDefinition(hook.Id))))
            await AwaitKindsAsync(session, _time.GetTimestamp(), cancellationToken);
        // What waited for them may end the sync now.
        if (_endsAfterWave is { } reason && run.Desired.Sync.Preemption != Documents.PreemptionPolicies.FinishWave)
        {
            _endsAfterWave = null;
            PreEmpt(reason);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Null, with the failure noted, when the hook can't be made.</summary>
    private async Task<RunningHook?> StartHookAsync(ClusterSession session, SyncRun run, DesiredHook hook, SyncPhase phase, CancellationToken cancellationToken)
    {
        var name = DesiredHook.RunOf(run.Operation.Id, phase, run.HooksSince);
        var made = hook.Make(phase, run.HooksOf, run.HooksSince, name);
        if (session.State is not { Connection: { } connection, Catalog: { } catalog }) return Refuse("the cluster is not connected now");
        if (ResourceOf(catalog, made) is not { } resource) return Refuse(NotServed(made.Id, made.ApiVersion));
        var before = run.HooksBefore.FirstOrDefault(known => known.Phase == phase && known.Id == made.Id);
        var running = new RunningHook(hook, phase, name, made, resource);
        if (before is { IsDone: true })
        {
            // Only its end is left, with what its policy says.
            running.Uid = before.Uid;
            running.End(succeeded: true, "before a restart");
            return running;
        }
        _hooks[made.Id] = running;
        session.Follow(made.Id, Key);
        var error = await MakeHookAsync(connection, running, before?.Uid, cancellationToken);
        if (error is null) return running;
        _hooks.TryRemove(made.Id, out _);
        return Refuse(error);

        RunningHook? Refuse(string message)
        {
            run.Add(made.Id, new WriteOutcome(ApplyAction.HookFailed, null, $"{phase} hook: {message}"), null);
            run.Fail(ConditionTypes.HookFailed, $"{phase} hook {made.Id.Display}: {message}", made.Id, hook.Position);
            return null;
        }
    }

    /// <summary>Stored at once: a sync that a restart interrupts runs no hook twice.</summary>
    private async Task RecordHooksAsync(SyncRun run, IEnumerable<RunningHook> hooks)
    {
        if (_state.State.Intent is not { } intent || intent.OperationId != run.Operation.Id) return;
        var records = hooks.Select(hook => new HookRecord(hook.Phase, hook.Made.Id, hook.Uid) { IsDone = hook.Succeeded == true }).ToArray();
        if (records.Length == 0) return;
        intent.Hooks.RemoveAll(known => records.Any(record => record.Phase == known.Phase && record.Id == known.Id));
        intent.Hooks.AddRange(records);
        await StoreAsync();
    }

    /// <summary>Creates the object, after the one before it is gone where its policy says so. Returns why not, or null.</summary>
    /// <param name="before">The uid of the one that this sync made before a restart.</param>
    private async Task<string?> MakeHookAsync(IClusterConnection connection, RunningHook hook, string? before, CancellationToken cancellationToken)
    {
        var (id, resource) = (hook.Made.Id, hook.Resource);
        for (var attempt = 1; ; attempt++)
        {
            var read = await LookForHookAsync(connection, hook, cancellationToken);
            if (!read.IsSuccess && read.Error.Kind != ClusterErrorKind.NotFound) return read.Error.Message;
            if (read.Value is { } live)
            {
                if (NotOurHook(live) is { } refusal) return refusal;
                if (!live.IsDeleting && (live.Uid == before || IsOfThisRun(live, hook) || IsUnfinished(live, hook.Made)))
                {
                    // Begun before, by a request whose answer was lost or a sync that was interrupted: it is not begun twice.
                    (hook.Uid, hook.MadeAt, hook.Seen) = (live.Uid, live.ResourceVersion, _sessions.Health.Assess(live));
                    return null;
                }
                if (live.IsDeleting || hook.Hook.Policy.Deletion.HasFlag(HookDeletion.BeforeHookCreation))
                {
                    if (await RemoveHookAsync(connection, hook, live, cancellationToken) is { } kept) return kept;
                    continue;
                }
            }
            await _fence.EnsureAsync(cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            // Once it is sent it is waited for: who ends the sync must know what to delete.
            var made = read.Value is { } there
                ? await connection.ApplyAsync(resource, id, hook.Made.FencedBody(there.Uid, there.ResourceVersion), new ApplyOptions(DryRun: false, Force: true), _stopping.Token)
                : await connection.CreateAsync(resource, id, hook.Made.Body, _stopping.Token);
            if (made.IsSuccess)
            {
                (hook.Uid, hook.MadeAt) = (made.Value.Uid, made.Value.ResourceVersion);
                return null;
            }
            hook.IsUnanswered |= IsUnanswered(made.Error);
            var maySucceed = IsUnanswered(made.Error) || made.Error.Kind is ClusterErrorKind.Conflict or ClusterErrorKind.AlreadyExists;
            if (!maySucceed || attempt >= ObjectWriter.MaxAttempts) return made.Error.Message;
        }
    }

    /// <summary>
    /// An object of this name that is neither ours nor a hook by its own annotations, as other tools leave them, is nobody's
    /// to delete here.
    /// </summary>
    private string? NotOurHook(LiveObject live)
    {
        var owner = TrackingId.OwnerOf(live);
        if (owner is not null && owner != _owner) return $"the object belongs to {owner}; it is left alone";
        return owner == _owner || HookPolicy.Of(LiveAnnotations.Of(live)) is not null ? null : "an object of this name exists that is no hook; it is left alone";
    }

    /// <summary>Reads the object; after a request to make it that was not answered until there is an answer, for a while: whether it was made decides what is done next.</summary>
    private async Task<ClusterAnswer<LiveObject>> LookForHookAsync(IClusterConnection connection, RunningHook hook, CancellationToken cancellationToken)
    {
        for (var began = _time.GetTimestamp(); ;)
        {
            if (hook.IsUnanswered) await Task.Delay(AnswerPause, _time, cancellationToken);
            var read = await connection.GetAsync(hook.Resource, hook.Made.Id, cancellationToken);
            if (read.IsSuccess || read.Error.Kind == ClusterErrorKind.NotFound || !hook.IsUnanswered || _time.GetElapsedTime(began) >= AnswerPatience) return read;
        }
    }

    /// <summary>Whether nothing says if the object was made.</summary>
    private static bool IsUnanswered(ClusterError error) =>
        error.Kind is ClusterErrorKind.TimedOut or ClusterErrorKind.Unreachable or ClusterErrorKind.Unavailable or ClusterErrorKind.Malformed;

    /// <summary>A deletion is tried again and again as one run: a hook of it that failed is run anew.</summary>
    private bool IsOfThisRun(LiveObject live, RunningHook hook) =>
        TrackingId.OwnerOf(live) == _owner && live.Annotation(Tracking.HookRunAnnotation) == hook.Run
        && (hook.IsUnanswered || hook.Phase is not (SyncPhase.PreDelete or SyncPhase.PostDelete) || _sessions.Health.Assess(live) is not { Status: HealthStatus.Degraded or HealthStatus.Unknown });

    private bool IsUnfinished(LiveObject live, DesiredObject made) =>
        live.Annotation(Tracking.DigestAnnotation) == made.Hash.ToString() && _sessions.Health.Assess(live) is { Status: HealthStatus.Progressing or HealthStatus.Suspended };

    /// <summary>Deletes the object and waits until it is gone. Returns what stands against it, or null.</summary>
    private async Task<string?> RemoveHookAsync(IClusterConnection connection, RunningHook hook, LiveObject live, CancellationToken cancellationToken)
    {
        if (!live.IsDeleting)
        {
            await _fence.EnsureAsync(cancellationToken);
            var deleted = await connection.DeleteAsync(hook.Resource, live.Id, new DeleteOptions(live.Uid, live.ResourceVersion, Propagation.Background), cancellationToken);
            if (!deleted.IsSuccess) return deleted.Error.Kind is ClusterErrorKind.Conflict or ClusterErrorKind.NotFound ? null : deleted.Error.Message;
        }
        while (true)
        {
            var news = _news.Next;
            var read = await connection.GetAsync(hook.Resource, live.Id, cancellationToken);
            if (!read.IsSuccess) return read.Error.Kind == ClusterErrorKind.NotFound ? null : read.Error.Message;
            if (read.Value.Uid != live.Uid) return null;
            await WaitAsync(news, UnwatchedPause, cancellationToken);
        }
    }

    private async Task AwaitHooksAsync(ClusterSession session, SyncRun run, SyncStep step, List<RunningHook> hooks, CancellationToken cancellationToken)
    {
        for (var told = ""; ;)
        {
            var news = _news.Next;
            var running = hooks.Where(hook => hook.Succeeded is null).ToArray();
            foreach (var hook in running) Judge(session, hook);
            await RecordHooksAsync(run, running.Where(hook => hook.Succeeded == true));
            var waiting = hooks.Where(hook => hook.Succeeded is null).ToArray();
            if (waiting.Length == 0) return;
            var message = $"{step.Display} runs {waiting.Length} hooks: {waiting[0].Made.Id.Display}{(waiting[0].Seen is { Message.Length: > 0 } seen ? $": {seen.Message}" : "")}";
            if (message != told) ShowProgress(run, told = message);
            if (await WaitAsync(news, UnwatchedPause, cancellationToken)) continue;
            foreach (var hook in waiting.Where(hook => !session.Observe(hook.Made.Id).IsWatched)) await ReadHookAsync(session, hook, cancellationToken);
        }
    }

    /// <summary>Whether the hook is done, as far as its watch shows.</summary>
    private static void Judge(ClusterSession session, RunningHook hook)
    {
        var observation = session.Observe(hook.Made.Id);
        if (!observation.IsWatched) return;
        if (observation.Object is { } live)
        {
            if (ResourceVersions.IsBefore(live.ResourceVersion, hook.MadeAt)) return;
            if (live.Uid != hook.Uid) hook.End(false, "was deleted and made again by somebody else");
            else Judge(hook, live.Health, isGone: false);
        }
        else if (!ResourceVersions.IsBefore(observation.Through, hook.MadeAt))
        {
            Judge(hook, hook.Seen, isGone: true);
        }
    }

    /// <summary>Healthy: it is done; Degraded or Unknown: it failed (Argo CD). A kind without health is done when it is made.</summary>
    private static void Judge(RunningHook hook, ObjectHealth? health, bool isGone)
    {
        if (health is null && !isGone) hook.End(true, "");
        else if (health?.Status == HealthStatus.Healthy) hook.End(true, health.Message);
        else if (health?.Status is HealthStatus.Degraded or HealthStatus.Unknown) hook.End(false, health.Message.Length > 0 ? health.Message : "failed");
        else if (isGone) hook.End(false, "was deleted before it was done");
    }

    private async Task ReadHookAsync(ClusterSession session, RunningHook hook, CancellationToken cancellationToken)
    {
        if (session.State is not { IsReady: true, Connection: { } connection }) return;
        var read = await connection.GetAsync(hook.Resource, hook.Made.Id, cancellationToken);
        if (read.IsSuccess) Judge(hook, hook.Seen = _sessions.Health.Assess(read.Value), isGone: false);
        else if (read.Error.Kind == ClusterErrorKind.NotFound) Judge(hook, hook.Seen, isGone: true);
    }

    /// <summary>Notes how it ended, and deletes it where its policy says so.</summary>
    private async Task EndHookAsync(ClusterSession session, SyncRun run, RunningHook hook, CancellationToken cancellationToken)
    {
        var succeeded = hook.Succeeded == true;
        var id = hook.Made.Id;
        run.Add(id, new WriteOutcome(succeeded ? ApplyAction.HookSucceeded : ApplyAction.HookFailed, null, $"{hook.Phase} hook{(hook.Message.Length > 0 ? $": {hook.Message}" : "")}"), null);
        if (!succeeded) run.Fail(ConditionTypes.HookFailed, $"{hook.Phase} hook {id.Display}: {hook.Message}", id, hook.Hook.Position);
        _hooks.TryRemove(id, out _);
        if (hook.Hook.Policy.Deletion.HasFlag(succeeded ? HookDeletion.HookSucceeded : HookDeletion.HookFailed)) await DeleteHookAsync(session, run, hook, _stopping.Token);
        session.Unfollow(id, Key);
    }

    private async Task DeleteHookAsync(ClusterSession session, SyncRun run, RunningHook hook, CancellationToken cancellationToken)
    {
        if (session.State.Connection is not { } connection) return;
        for (var attempt = 1; attempt <= ObjectWriter.MaxAttempts; attempt++)
        {
            var read = await connection.GetAsync(hook.Resource, hook.Made.Id, cancellationToken);
            if (!read.IsSuccess || read.Value.IsDeleting || !(hook.Uid.Length > 0 ? read.Value.Uid == hook.Uid : IsOfThisRun(read.Value, hook))) return;
            await _fence.EnsureAsync(cancellationToken);
            var deleted = await connection.DeleteAsync(
                hook.Resource, hook.Made.Id, new DeleteOptions(read.Value.Uid, read.Value.ResourceVersion, Propagation.Background), cancellationToken);
            if (deleted.IsSuccess || deleted.Error.Kind == ClusterErrorKind.NotFound) return;
            if (deleted.Error.Kind == ClusterErrorKind.Conflict) continue;
            run.Notes.Add(NewCondition(ConditionTypes.PruneFailed, $"the hook could not be deleted: {deleted.Error.Message}", hook.Made.Id));
            return;
        }
    }

    /// <summary>A sync that was stopped leaves no hook running behind.</summary>
    private async Task AbandonHooksAsync(ClusterSession session, SyncRun run)
    {
        foreach (var hook in _hooks.Values.Where(hook => hook.Uid.Length > 0 || hook.IsUnanswered).ToArray())
        {
            run.Add(hook.Made.Id, new WriteOutcome(ApplyAction.HookFailed, null, $"{hook.Phase} hook: stopped with the sync"), null);
            await DeleteHookAsync(session, run, hook, _stopping.Token);
        }
    }

    private void ForgetHooks(ClusterSession session)
    {
        foreach (var id in _hooks.Keys) session.Unfollow(id, Key);
        _hooks.Clear();
    }
}
