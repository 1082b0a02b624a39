using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Grains.Applications;

/// <summary>Putting back deleted objects, on the clusters where they were deleted.</summary>
public sealed partial class ApplicationGrain
{
    internal const string RestoreKind = "restore";
    private const int MaxTombstones = 1000;
    private const int MaxRestoredNames = 10;

    public async Task<string> RestoreAsync(RestoreRequest request)
    {
        RequireDocument();
        if (_state.State.Deleting is not null) throw new GrainRefusedException(RefusalKind.Conflict, $"application {Key} is being deleted");
        var objects = SyncOrders.References(request.Objects);
        var clusters = _state.State.Clusters.Where(cluster => string.IsNullOrEmpty(request.Cluster) || cluster == request.Cluster).ToList();
        if (clusters.Count == 0)
            throw new GrainRefusedException(RefusalKind.NotFound, string.IsNullOrEmpty(request.Cluster)
                ? $"application {Key} is on no cluster" : $"application {Key} is not on cluster {request.Cluster}");
        var operation = NewOperation(RestoreKind);
        (operation.Clusters, operation.DryRun, operation.OverrideWindow) = (clusters, request.DryRun ?? false, request.OverrideWindow ?? false);
        await StoreNewAsync(operation);
        Watch(RestoreAsync(operation, objects, string.IsNullOrEmpty(request.Operation) ? null : request.Operation), RestoreKind);
        return operation.Id;
    }

    public async Task<IReadOnlyList<TombstoneView>> GetTombstonesAsync()
    {
        RequireDocument();
        var views = new List<TombstoneView>();
        foreach (var window in _state.State.Clusters.ToArray().Chunk(FanOut))
            foreach (var answer in await Task.WhenAll(window.Select(cluster => Target(cluster).GetTombstonesAsync(MaxTombstones))))
                views.AddRange(answer);
        return [.. views.OrderByDescending(view => view.DeletedAt)];
    }

    private Task RestoreAsync(ApplicationOperation operation, IReadOnlyList<ObjectReference> objects, string? deletedBy) => RunItselfAsync(operation, async () =>
    {
        var orders = await OrdersAsync(operation, objects, deletedBy);
        var results = new List<(string Cluster, TargetRestoreResult Result)>();
        foreach (var window in orders.Chunk(FanOut))
            results.AddRange(await Task.WhenAll(window.Select(async order => (order.Cluster, await Target(order.Cluster).RestoreAsync(order.Order)))));
        operation.Results = [.. ApplicationViews.ObjectsOf(results.SelectMany(result => result.Result.Objects.Select(item => (result.Cluster, item)))) ?? []];
        Finish(operation, PhaseOf(results), MessageOf(operation, results));
    });

    /// <summary>Unless objects or an operation are named, it is what the last operation, or its commit, deleted: not what another cluster lost long ago.</summary>
    private async Task<IReadOnlyList<(string Cluster, TargetRestoreOrder Order)>> OrdersAsync(
        ApplicationOperation operation, IReadOnlyList<ObjectReference> objects, string? deletedBy)
    {
        var order = new TargetRestoreOrder { OperationId = operation.Id, Objects = objects, DeletedBy = deletedBy, DryRun = operation.DryRun, OverrideWindow = operation.OverrideWindow };
        if (objects.Count > 0 || deletedBy is not null) return [.. operation.Clusters.Select(cluster => (cluster, order))];
        var last = new List<TombstoneView>();
        foreach (var window in operation.Clusters.ToArray().Chunk(FanOut))
            foreach (var answer in await Task.WhenAll(window.Select(cluster => Target(cluster).GetTombstonesAsync(1))))
                last.AddRange(answer);
        if (last.MaxBy(view => view.DeletedAt) is not { } newest) return [];
        return [.. last.Where(view => view.Operation == newest.Operation || (view.Revision == newest.Revision && view.Reason == newest.Reason))
            .Select(view => (view.Cluster, order with { DeletedBy = view.Operation }))];
    }

    private static OperationPhase PhaseOf(IReadOnlyList<(string Cluster, TargetRestoreResult Result)> results) =>
        results.All(result => result.Result.Error is not null) || results.Any(result => result.Result.Objects.Any(item => item.Action == ApplyAction.Failed))
            ? OperationPhase.Failed
            : OperationPhase.Succeeded;

    private static string MessageOf(ApplicationOperation operation, IReadOnlyList<(string Cluster, TargetRestoreResult Result)> results)
    {
        var objects = results.SelectMany(result => result.Result.Objects.Select(item => (result.Cluster, Item: item))).ToArray();
        if (objects.Length == 0) return results.Select(result => result.Result.Error).FirstOrDefault(error => error is not null) ?? "nothing that was deleted is kept";
        var restored = objects.Count(item => item.Item.Action == ApplyAction.Created);
        var parts = new List<string> { operation.DryRun ? $"would restore {restored} objects" : $"restored {restored} objects" };
        var others = objects.Where(item => item.Item.Action != ApplyAction.Created).OrderByDescending(item => item.Item.Action == ApplyAction.Failed).ToArray();
        parts.AddRange(others.Take(MaxRestoredNames).Select(item => $"{item.Item.Object.Display} on {item.Cluster} {(item.Item.Action == ApplyAction.Failed ? "failed: " : "")}{item.Item.Message}"));
        if (others.Length > MaxRestoredNames) parts.Add($"and {others.Length - MaxRestoredNames} more that were not restored");
        return string.Join("; ", parts);
    }
}
