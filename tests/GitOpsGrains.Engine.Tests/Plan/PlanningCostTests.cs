using System.Text.Json;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Tests.Plan;

/// <summary>What doing nothing costs, in counts: they are the same on every machine. Times are in docs/performance.md.</summary>
public sealed class PlanningCostTests
{
    private const int Objects = 10_000;

    [Fact]
    public void Plan_OfTenThousandUnchanged_AllocatesNothingForEach()
    {
        var desired = new List<DesiredObject>();
        var inventory = new Dictionary<ResourceId, InventoryEntry>();
        var observed = new Dictionary<ResourceId, ObservedObject>();
        for (var index = 0; index < Objects; index++)
        {
            var id = new ResourceId("", "ConfigMap", "shop", $"c{index:00000}");
            var live = LiveObject.From(JsonElement.Parse($$$"""{"metadata":{"name":"{{{id.Name}}}","namespace":"shop","uid":"{{{Guid.NewGuid()}}}","resourceVersion":"{{{index + 1}}}"},"data":{"a":"1"}}"""), "v1", "ConfigMap");
            var hash = Digest.Of(id.Name);
            desired.Add(new DesiredObject(id, "v1", ReadOnlyMemory<byte>.Empty, hash, new ManifestPosition("f", 0), new Dictionary<string, string>()));
            inventory[id] = new InventoryEntry { Id = id, ApiVersion = "v1", Uid = live.Uid, DesiredHash = hash, Proof = ObjectProof.Of(hash, live) };
            observed[id] = ObservedObject.From(live, full: true, health: null);
        }
        var state = new DesiredState(desired, []);
        Func<ResourceId, ObservedObject?> look = id => observed[id];
        Assert.True(SyncPlanner.Plan(state, inventory, look, static _ => null).IsEmpty);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var plan = SyncPlanner.Plan(state, inventory, look, static _ => null);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(Objects, plan.Unchanged);
        Assert.InRange(allocated, 0, Objects);
    }
}
