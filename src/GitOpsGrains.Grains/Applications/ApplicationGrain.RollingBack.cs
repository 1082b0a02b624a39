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
        if (!string.IsNullOrEmpty(request.Revision) && RefSyntax.Fault(request.Revision) is { } fault) throw new GrainRefusedException(RefusalKind.Invalid, $"revision: {fault}");
        if (_state.State.Rendered is null) throw new GrainRefusedException(RefusalKind.Conflict, $"application {Key} was never rendered");
        var operation = NewOperation(RollbackKind);
        (operation.Clusters, operation.DryRun) = ([.. _state.State.Clusters], request.DryRun ?? false);
        await StoreAsync();
        Watch(RollBackAsync(operation, request, by), RollbackKind);
        return operation.Id;
    }

    private Task RollBackAsync(ApplicationOperation operation, RollbackRequest request, string by) => RunItselfAsync(operation, async () =>
    {
        var to = string.IsNullOrEmpty(request.Revision) ? await LastGoodRevisionAsync() : request.Revision;
        if (to is null) Finish(operation, OperationPhase.Failed, "no earlier revision is known to have been synced; name one with --to");
        else await RollBackAsync(operation, request, to, by);
    });

    private async Task RollBackAsync(ApplicationOperation operation, RollbackRequest request, string to, string by)
    {
        var document = Document!;
        var source = _state.State.Rendered!.Source;
        var answer = await Repository(source.Repository).RollBackAsync(new RollbackOrder
        {
            Application = Key,
            Source = source,
            Scope = RenderScopes.Of(document),
            To = to,
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

    /// <summary>The newest revision that was synced on any target before the present state.</summary>
    private async Task<string?> LastGoodRevisionAsync()
    {
        var present = _state.State.Rendered!;
        var entries = new List<HistoryView>();
        foreach (var window in _state.State.Clusters.ToArray().Chunk(FanOut))
            foreach (var history in await Task.WhenAll(window.Select(cluster => Target(cluster).GetHistoryAsync())))
                entries.AddRange(history);
        return RollbackTargets.Choose(entries, Key, present.Commit, present.Message);
    }
}
