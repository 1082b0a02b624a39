using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Health;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Grains.Clusters;
using RefusalKind = GitOpsGrains.Abstractions.RefusalKind;

namespace GitOpsGrains.Grains.Targets;

/// <summary>
/// An administrator's actions on objects of this target. What an action changes is a change like anybody's: of what Git
/// says it is drift.
/// </summary>
public sealed partial class TargetGrain
{
    public async Task<IReadOnlyList<ActionView>> GetActionsAsync(ResourceId id, CancellationToken cancellationToken)
    {
        var (_, _, live) = await ReadOwnAsync(id, cancellationToken);
        return [.. Discover(live).Select(action => new ActionView { Name = action.Name, DisplayName = action.DisplayName, Disabled = action.IsDisabled })];
    }

    public async Task<string> RunActionAsync(ResourceId id, string action, CancellationToken cancellationToken)
    {
        if (_state.State.Desired is not { Suspended: false }) throw new GrainRefusedException(RefusalKind.Conflict, "the application is suspended: nothing is written to the cluster");
        for (var attempt = 1; ; attempt++)
        {
            var (connection, resource, live) = await ReadOwnAsync(id, cancellationToken);
            var found = Discover(live).FirstOrDefault(known => known.Name == action) ?? throw new GrainRefusedException(RefusalKind.NotFound, $"{id.Display} has no action {action}");
            if (found.IsDisabled) throw new GrainRefusedException(RefusalKind.Conflict, $"the action {action} is disabled for {id.Display} in its present state");
            var patch = PatchOf(live, action);
            if (patch.IsEmpty) return $"{action} changes nothing of {id.Display}";
            await ClaimFenceAsync();
            await _fence.EnsureAsync(cancellationToken);
            var written = await connection.JsonPatchAsync(resource, id, patch, dryRun: false, cancellationToken);
            if (written.IsSuccess)
            {
                LogAction(Key, action, id);
                return $"{action} done on {id.Display}";
            }
            if (written.Error.Kind != ClusterErrorKind.Conflict || attempt >= ObjectWriter.MaxAttempts)
                throw new GrainRefusedException(RefusalKind.Conflict, $"{action} on {id.Display}: {written.Error.Message}");
        }
    }

    /// <summary>The object as it is now; only one that this target has applied and still owns.</summary>
    private async Task<(IClusterConnection Connection, ApiResource Resource, LiveObject Live)> ReadOwnAsync(ResourceId id, CancellationToken cancellationToken)
    {
        if (_actions is null) throw new GrainRefusedException(RefusalKind.NotFound, "there are no actions: the setting Health:CustomizationsFile names no file");
        if (_inventory.Find(id) is not { } entry) throw new GrainRefusedException(RefusalKind.NotFound, $"{id.Display} is no object of this application on cluster {_cluster}");
        if (_state.State.Releasing is not null) throw new GrainRefusedException(RefusalKind.Conflict, "the application is being deleted");
        if (await ConnectAsync() is not { State: { IsReady: true, Connection: { } connection, Catalog: { } catalog } } || ResourceOf(catalog, entry) is not { } resource)
            throw new GrainRefusedException(RefusalKind.Conflict, $"cluster {_cluster} can't be asked now");
        var read = await connection.GetAsync(resource, id, cancellationToken);
        if (!read.IsSuccess) throw new GrainRefusedException(read.Error.Kind == ClusterErrorKind.NotFound ? RefusalKind.NotFound : RefusalKind.Conflict, $"{id.Display}: {read.Error.Message}");
        var live = read.Value;
        if (live.Uid != entry.Uid || TrackingId.OwnerOf(live) != _owner) throw new GrainRefusedException(RefusalKind.Conflict, $"{id.Display} is not the object that this application applied");
        return live.IsDeleting ? throw new GrainRefusedException(RefusalKind.Conflict, $"{id.Display} is being deleted") : (connection, resource, live);
    }

    private static ApiResource? ResourceOf(ApiCatalog catalog, InventoryEntry entry) =>
        catalog.Find(entry.Id.Group, entry.Id.Group.Length == 0 ? entry.ApiVersion : entry.ApiVersion[(entry.Id.Group.Length + 1)..], entry.Id.Kind);

    private IReadOnlyList<ObjectAction> Discover(LiveObject live)
    {
        var list = _actions!.Discover(live);
        return list.Fault is { } fault ? throw new GrainRefusedException(RefusalKind.Conflict, fault) : list.Actions;
    }

    private ReadOnlyMemory<byte> PatchOf(LiveObject live, string action)
    {
        var result = _actions!.Run(live, action);
        if (result.Changed is not { } changed) throw new GrainRefusedException(RefusalKind.Conflict, result.Fault!);
        try
        {
            return ActionPatch.Of(live, changed);
        }
        catch (InvalidDataException fault)
        {
            throw new GrainRefusedException(RefusalKind.Conflict, $"{action} on {live.Id.Display}: {fault.Message}");
        }
    }
}
