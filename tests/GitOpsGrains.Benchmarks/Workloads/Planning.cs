using System.Diagnostics;
using System.Text.Json;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Benchmarks.Results;
using GitOpsGrains.Benchmarks.Stage;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Health;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Benchmarks.Workloads;

/// <summary>What it costs to find that 10,000 objects need nothing, and to put as many changed ones into steps: pure code, in this process.</summary>
internal static class Planning
{
    private const string Name = "plan";
    private const int Objects = 10_000;

    public static Task RunAsync(BenchmarkStage stage, Report report)
    {
        var desired = new List<DesiredObject>();
        var inventory = new Dictionary<ResourceId, InventoryEntry>();
        var observed = new Dictionary<ResourceId, ObservedObject>();
        for (var index = 0; index < Objects; index++)
        {
            var id = new ResourceId("", "ConfigMap", "shop", Podinfo.Name(index));
            var live = LiveObject.From(
                JsonElement.Parse($$$"""{"metadata":{"name":"{{{id.Name}}}","namespace":"shop","uid":"{{{Guid.NewGuid()}}}","resourceVersion":"{{{index + 1}}}" },"data":{"a":"1"} }"""), "v1", "ConfigMap");
            var hash = Digest.Of(id.Name);
            desired.Add(new DesiredObject(id, "v1", ReadOnlyMemory<byte>.Empty, hash, new ManifestPosition("f", 0), new Dictionary<string, string>()));
            inventory[id] = new InventoryEntry { Id = id, ApiVersion = "v1", Uid = live.Uid, DesiredHash = hash, Proof = ObjectProof.Of(hash, live) };
            observed[id] = ObservedObject.From(live, full: true, HealthAssessor.BuiltIn);
        }
        var state = new DesiredState(desired, []);
        Measure(report, $"{Objects} unchanged", () => SyncPlanner.Plan(state, inventory, id => observed[id], static _ => null).Unchanged, 50, 100);
        Measure(report, $"{Objects} new, with their steps", () => SyncSteps.Of(state, SyncPlanner.Plan(state, new Dictionary<ResourceId, InventoryEntry>(), static _ => null, static _ => null).Applies, withHooks: true).Count, null, null);
        return Task.CompletedTask;
    }

    private static void Measure(Report report, string what, Func<int> plan, double? goal, double? bytes)
    {
        for (var warm = 0; warm < 20; warm++) plan();
        var (times, allocated) = (new Series(), 0L);
        for (var round = 0; round < 50; round++)
        {
            var (before, began) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
            plan();
            times.Add(Stopwatch.GetElapsedTime(began));
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        report.Add(Name, what, times, goal: goal);
        report.Add(Name, $"{what}: allocated per object", (double)allocated / Objects, "bytes", bytes);
    }
}
