using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Documents.Validation;

namespace GitOpsGrains.Grains.Applications;

/// <summary>Going back by a commit, and following what comes of it. The clusters never differ from Git because of it.</summary>
public sealed partial class ApplicationGrain
{
    private const string RollbackKind = "rollback";
    private const int MaxReason = 1000;

    public async Task<string> RollBackAsync(RollbackRequest request, string by)
    {
        RequireDocument();
        RequireAlive();
        if (request.Reason?.Length > MaxReason) throw new GrainRefusedException(RefusalKind.Invalid, $"reason: longer than {MaxReason} characters");
        if (!string.IsNullOrEmpty(request.Branch) && RefSyntax.BranchFault(request.Branch) is { } wrong) throw new GrainRefusedException(RefusalKind.Invalid, $"branch: {wrong}");
        if (!string.IsNullOrEmpty(request.Revision)) SourceChoice.Read(Document!.Spec.AllSources, request.Revision);
        if (_state.State.Rendered is null) throw new GrainRefusedException(RefusalKind.Conflict, $"application {Key} was never rendered");
        var operation = NewOperation(RollbackKind);
        (operation.Clusters, operation.DryRun) = ([.. _state.State.Clusters], request.DryRun ?? false);
        await StoreNewAsync(operation);
        Watch(RollBackAsync(operation, request, by), RollbackKind);
        return operation.Id;
    }

    private Task RollBackAsync(ApplicationOperation operation, RollbackRequest request, string by) => RunItselfAsync(operation, async () =>
    {
        var sources = _state.State.Rendered!.AllSources.Select(source => source.Source).ToArray();
        var (to, why) = string.IsNullOrEmpty(request.Revision) ? await LastGoodRevisionAsync() : (SourceChoice.Read(sources, request.Revision), "");
        if (to is null) Finish(operation, OperationPhase.Failed, why);
        else await RollBackAsync(operation, request, to, by);
    });

    private async Task RollBackAsync(ApplicationOperation operation, RollbackRequest request, SourceChoice to, string by)
    {
        var document = Document!;
        var answer = await Repository(to.Repository).RollBackAsync(new RollbackOrder
        {
            Application = Key,
            Subject = _state.State.Rendered!.ToSubject(),
            Followed = to.Followed,
            To = to.Revision,
            Branch = string.IsNullOrEmpty(request.Branch) ? null : request.Branch,
            IncludeShared = request.IncludeShared ?? false,
            DryRun = operation.DryRun,
            Reason = request.Reason ?? "",
            By = by,
            At = operation.Started,
        }, _stopping.Token);
        if (answer.Rollback is not { } rollback)
        {
            Finish(operation, OperationPhase.Failed, answer.Refusal);
            return;
        }
        operation.Rollback = rollback;
        var where = rollback.Branch["refs/heads/".Length..];
        if (operation.DryRun) Finish(operation, OperationPhase.Succeeded, $"would push {rollback.Commit[..8]} to {where}");
        else if (!string.IsNullOrEmpty(request.Branch)) Finish(operation, OperationPhase.Succeeded, $"pushed {rollback.Commit[..8]} to the new branch {where}: merge it to roll back");
        else if (document.Spec is { Suspend: false, Sync.Automated: true }) await FollowAsync(operation, rollback, where);
        else Finish(operation, OperationPhase.Succeeded, $"pushed {rollback.Commit[..8]} to {where}; the application is {(document.Spec.Suspend ? "suspended" : "not automated")}, so it is not synced by itself");
    }

    /// <summary>Over when the commit is synced, or can't be.</summary>
    private async Task FollowAsync(ApplicationOperation operation, RollbackView rollback, string branch)
    {
        operation.Message = $"pushed {rollback.Commit[..8]} to {branch}; syncing";
        await StoreAsync();
        Announce();
        var sync = await SyncAsync(new SyncRequest { Revision = rollback.Commit });
        while (await GetOperationAsync(sync, LongestWait, _stopping.Token) is { } view)
        {
            if (view.Phase is not (OperationPhase.Succeeded or OperationPhase.Failed or OperationPhase.Terminated)) continue;
            operation.Results = [.. view.Objects ?? []];
            Finish(operation, view.Phase, $"pushed {rollback.Commit[..8]} to {branch}; {view.Message}");
            return;
        }
        Finish(operation, OperationPhase.Succeeded, $"pushed {rollback.Commit[..8]} to {branch}");
    }

    /// <summary>
    /// The newest revision that was synced on any target and is another than the present one. Of several sources it is that of
    /// the one that has changed since; a rollback is one commit, so that there must be no other.
    /// </summary>
    private async Task<(SourceChoice? To, string Why)> LastGoodRevisionAsync()
    {
        var present = _state.State.Rendered!;
        var entries = new List<HistoryView>();
        foreach (var window in _state.State.Clusters.ToArray().Chunk(FanOut))
            foreach (var history in await Task.WhenAll(window.Select(cluster => Target(cluster).GetHistoryAsync())))
                entries.AddRange(history);
        if (present.AllSources is [var source]) return LastGoodOf(source, entries);
        var changed = entries.Where(entry => entry is { Result: "Succeeded", Trigger: not RestoreKind }).OrderByDescending(entry => entry.Started)
            .Select(entry => ChangedSince(present, entry)).FirstOrDefault(found => found.Count > 0);
        return changed switch
        {
            null => (null, "no earlier revision is known to have been synced; name one with --to"),
            [var only] => (only, ""),
            _ => (null, RollbackTargets.OneByOne(present.AllSources, changed)),
        };
    }

    /// <summary>Of one source: a rollback's own commit counts as the one that it restored.</summary>
    private (SourceChoice? To, string Why) LastGoodOf(SourceRevision present, IEnumerable<HistoryView> entries)
    {
        var own = entries.Where(entry => entry.Sources is null || (entry.Sources is [var then] && then.Repository == present.Source.Repository));
        return RollbackTargets.Choose(own, Key, present.Revision.Commit, present.Revision.Message) is { } revision
            ? (new SourceChoice(present.Source.Repository, RefQuery.Of(present.Source), revision), "")
            : (null, "no earlier revision is known to have been synced; name one with --to");
    }

    /// <summary>The refs that led to other commits at a sync of the past, with these. One with other sources says nothing.</summary>
    private static IReadOnlyList<SourceChoice> ChangedSince(RenderedState present, HistoryView entry)
    {
        var now = present.AllSources;
        IReadOnlyList<SourceRevisionView> then = entry.Sources ?? [new SourceRevisionView { Repository = now[0].Source.Repository, Path = now[0].Source.Path, Revision = entry.Revision }];
        if (then.Count != now.Count) return [];
        return [.. now.Zip(then).Where(pair => pair.First.Source.Repository == pair.Second.Repository && pair.First.Revision.Commit != pair.Second.Revision)
            .Select(pair => new SourceChoice(pair.First.Source.Repository, RefQuery.Of(pair.First.Source), pair.Second.Revision)).Distinct()];
    }
}
