using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Grains.Clusters;

namespace GitOpsGrains.Grains.Targets;

/// <summary>
/// Finds out with one paged list of names, instead of one read each, which of many objects that are to be created do not
/// exist: an object without our label shows in no watch.
/// </summary>
internal sealed class AbsenceProbe(ClusterSession session, TimeProvider time)
{
    private const int WorthAList = 8;
    private const int PageSize = 500;
    private const int MaxPages = 4;

    private readonly Dictionary<ResourceId, long> _absent = [];

    /// <summary>Timestamp of the list that did not have the object; null when it is not known to be absent.</summary>
    public long? AbsentSince(ResourceId id) => _absent.TryGetValue(id, out var at) ? at : null;

    public async Task PrepareAsync(ApplyStage stage, CancellationToken cancellationToken)
    {
        var groups = stage.Applies.Where(apply => apply.Observed is null).Select(apply => apply.Desired.Id)
            .GroupBy(id => (id.Group, id.Kind, id.Namespace)).Where(group => group.Count() >= WorthAList);
        foreach (var group in groups) await ListAsync([.. group], cancellationToken);
    }

    private async Task ListAsync(ResourceId[] ids, CancellationToken cancellationToken)
    {
        if (session.State is not { Connection: { } connection, Catalog: { } catalog } || catalog.Find(ids[0].Group, ids[0].Kind) is not { } resource) return;
        var now = time.GetTimestamp();
        var present = new HashSet<ResourceId>();
        string? next = null;
        for (var page = 0; page == 0 || next is not null; page++)
        {
            if (page == MaxPages) return;
            var answer = await connection.ListAsync(resource, new ListQuery(ids[0].Namespace, null, MetadataOnly: true, PageSize, next), cancellationToken);
            if (!answer.IsSuccess) return;
            present.UnionWith(answer.Value.Objects.Select(live => live.Id));
            next = answer.Value.Continue;
        }
        foreach (var id in ids.Where(id => !present.Contains(id))) _absent[id] = now;
    }
}
