using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Applications;
using GitOpsGrains.Abstractions.Catalog;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Grains.Applications;

/// <summary>The end of an application: its targets let go, then it is forgotten.</summary>
public sealed partial class ApplicationGrain
{
    public async Task<string> DeleteAsync(Cascade? cascade, bool force)
    {
        RequireDocument();
        if (force && cascade is not (null or Cascade.Keep))
            throw new GrainRefusedException(RefusalKind.Invalid, "force lets go of an application without touching its clusters: it goes with cascade=keep only");
        if (_state.State.Deleting is { } running)
        {
            // What was begun may be changed to what touches less.
            if (force ? running.Force : cascade is not Cascade.Keep || running.Cascade == Cascade.Keep)
            {
                Reconcile(askGit: false);
                return running.OperationId;
            }
            var before = (running.Cascade, running.Force);
            (running.Cascade, running.Force) = (Cascade.Keep, force);
            await StoreAsync().OrUndoAsync(() => (running.Cascade, running.Force) = before);
            Reconcile(askGit: false);
            return running.OperationId;
        }
        var operation = NewOperation("delete");
        var policy = Document!.Spec.DeletionPolicy == DeletionPolicies.Delete ? Cascade.Foreground : Cascade.Keep;
        _state.State.Deleting = new DeletionIntent { Cascade = force ? Cascade.Keep : cascade ?? policy, OperationId = operation.Id, Force = force };
        await StoreNewAsync(operation, () => _state.State.Deleting = null);
        Reconcile(askGit: false);
        return operation.Id;
    }

    /// <summary>Ends the deletion when every target has let go; before that nothing of the application is forgotten.</summary>
    private async Task FinishDeletionAsync()
    {
        var state = _state.State;
        if (state.Deleting is not { } deletion || Document is null) return;
        var targets = AllClusters();
        if (targets.Any(cluster => _summaries.GetValueOrDefault(cluster)?.Released != true)) return;
        var message = DeletionMessage(deletion, targets);
        await ForgetTargetsAsync(targets);
        foreach (var repository in state.Repositories) await Repository(repository).UnsubscribeAsync(Key);
        await CatalogPartitions.RemoveAsync(GrainFactory, [new CatalogEntry(CatalogKind.Application, Key)]);
        (state.Document, state.Rendered, state.Deleting) = (null, null, null);
        state.Clusters.Clear();
        state.Repositories.Clear();
        state.Leaving.Clear();
        if (state.Operations.FirstOrDefault(operation => operation.Id == deletion.OperationId) is { } operation)
            Finish(operation, OperationPhase.Succeeded, message);
        foreach (var other in state.Operations.Where(other => !other.IsOver)) Finish(other, OperationPhase.Terminated, "the application is deleted");
        await StoreAsync();
        Announce();
        if (await this.GetReminder(ReconcileReminder) is { } reminder) await this.UnregisterReminder(reminder);
    }

    /// <summary>Names what was left behind in clusters that could not or should not be touched.</summary>
    private string DeletionMessage(DeletionIntent deletion, IEnumerable<string> targets)
    {
        var left = targets.Select(cluster => _summaries[cluster].LeftBehind).Where(text => text.Length > 0).ToArray();
        if (left.Length > 0) return $"deleted; {string.Join("; ", left.Take(5))}{(left.Length > 5 ? $"; and on {left.Length - 5} more clusters" : "")}";
        return deletion.Cascade == Cascade.Keep ? deletion.Force ? "deleted; no cluster was touched" : "deleted; its objects live on, detached" : "deleted with its objects";
    }
}
