using System.Text.Json;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Engine.Plan;

namespace GitOpsGrains.Engine.Tests.Plan;

public sealed class SyncPlannerTests
{
    private static readonly ResourceId Settings = new("", "ConfigMap", "web", "settings");
    private static readonly ObservedObject Observed = ObservedObject.From(Live.Of(Live.ConfigMap), full: false, health: null);

    [Fact]
    public void Plan_NotOnTheCluster_Creates()
    {
        var apply = Assert.Single(Plan([Desired(Settings)], InventoryOf(), null).Applies);

        Assert.Equal(ApplyReason.Create, apply.Reason);
    }

    [Fact]
    public void Plan_NotInTheInventory_Updates()
    {
        var apply = Assert.Single(Plan([Desired(Settings)], InventoryOf(), Observed).Applies);

        Assert.Equal(ApplyReason.Update, apply.Reason);
    }

    [Fact]
    public void Plan_ManifestChanged_Updates()
    {
        var apply = Assert.Single(Plan([Desired(Settings, "new")], InventoryOf(Entry(Settings)), Observed).Applies);

        Assert.Equal(ApplyReason.Update, apply.Reason);
    }

    [Fact]
    public void Plan_Proven_IsUnchangedAndEmpty()
    {
        var plan = Plan([Desired(Settings)], InventoryOf(Entry(Settings)), Observed);

        Assert.True(plan.IsEmpty);
        Assert.Equal(1, plan.Unchanged);
    }

    [Fact]
    public void Plan_ProofAsks_Heals()
    {
        var drifted = ObservedObject.From(Live.Of(Live.ConfigMap.Replace("\"f:b\"", "\"f:z\"", StringComparison.Ordinal)), full: false, health: null);

        var apply = Assert.Single(Plan([Desired(Settings)], InventoryOf(Entry(Settings)), drifted).Applies);

        Assert.Equal((ApplyReason.Heal, ProofQuestion.EntryChanged), (apply.Reason, apply.Question));
    }

    [Fact]
    public void Plan_ProofOfAnotherManifest_ProvesNothing()
    {
        var entry = Entry(Settings) with { Proof = ObjectProof.Of(Digest.Of("older"), Live.Of(Live.ConfigMap)) };

        Assert.Equal(ProofQuestion.Unproven, Assert.Single(Plan([Desired(Settings)], InventoryOf(entry), Observed).Applies).Question);
    }

    [Fact]
    public void Plan_LeftTheDesiredState_IsCandidateOrHandedOver()
    {
        ResourceId moved = new("", "ConfigMap", "web", "moved"), role = new("rbac.authorization.k8s.io", "Role", "web", "r");

        var plan = SyncPlanner.Plan(State(), InventoryOf(Entry(Settings), Entry(moved), Entry(role)), _ => null, id => id == moved ? "default/shop/other" : null);

        Assert.Equal([role, Settings], plan.PruneCandidates.Select(entry => entry.Id));
        Assert.Equal((moved, "default/shop/other"), (Assert.Single(plan.HandedOver).Entry.Id, plan.HandedOver[0].Target));
    }

    [Fact]
    public void Plan_Stages_FollowWaveThenKindThenName()
    {
        var desired = new[]
        {
            Desired(new("apps", "Deployment", "web", "a"), wave: "0"),
            Desired(new("e.com", "Thing", "web", "t"), wave: "-5"),
            Desired(new("", "ConfigMap", "web", "b")),
            Desired(new("", "ConfigMap", "web", "a")),
            Desired(new("apiextensions.k8s.io", "CustomResourceDefinition", "", "things.e.com")),
            Desired(new("", "Namespace", "", "web"), wave: "3"),
            Desired(new("", "Service", "web", "s"), wave: "2"),
            Desired(new("", "Secret", "web", "s")),
        };

        var state = State(desired);
        var steps = SyncSteps.Of(state, SyncPlanner.Plan(state, InventoryOf(), _ => null, _ => null).Applies, withHooks: true);

        Assert.Equal(
            [
                "-5 web", "-5! things.e.com", "-5 t", "0 s", "0 a,b", "0 a", "2 s",
            ],
            steps.SelectMany(step => step.Stages).Select(stage => $"{stage.Wave}{(stage.WaitsForEstablished ? "!" : "")} {string.Join(',', stage.Applies.Select(apply => apply.Desired.Id.Name))}"));
    }

    [Theory]
    [InlineData("", "Namespace", 0)]
    [InlineData("other.com", "Namespace", 30)]
    [InlineData("apiextensions.k8s.io", "CustomResourceDefinition", 1)]
    [InlineData("networking.k8s.io", "NetworkPolicy", 2)]
    [InlineData("apiregistration.k8s.io", "APIService", 29)]
    [InlineData("e.com", "Thing", 30)]
    public void Rank_Kind_IsItsPlaceInTheList(string group, string kind, int rank) =>
        Assert.Equal(rank, ApplyOrder.Rank(new ResourceId(group, kind, "", "x")));

    [Fact]
    public void InventoryEntry_ThroughJson_KeepsAllAndUnknownMembers()
    {
        var entry = Entry(Settings) with { IsCreatedNamespace = true, Kept = ["/data/c"] };
        var json = JsonSerializer.Serialize(entry);

        var read = JsonSerializer.Deserialize<InventoryEntry>(json.Insert(1, "\"Later\":5,"))!;

        // Records with lists are never equal: what is written again says whether all came back.
        Assert.Equal(json, JsonSerializer.Serialize(read with { Unknown = null }));
        Assert.Contains("\"Later\":5", JsonSerializer.Serialize(read), StringComparison.Ordinal);
    }

    private static Dictionary<ResourceId, InventoryEntry> InventoryOf(params InventoryEntry[] entries) => entries.ToDictionary(entry => entry.Id);

    private static SyncPlan Plan(IReadOnlyList<DesiredObject> desired, Dictionary<ResourceId, InventoryEntry> inventory, ObservedObject? observed) =>
        SyncPlanner.Plan(State([.. desired]), inventory, _ => observed, _ => null);

    private static DesiredState State(params DesiredObject[] objects) => new([.. objects.OrderBy(item => item.Id)], []);

    private static DesiredObject Desired(ResourceId id, string content = "desired", string? wave = null) => new(
        id, "v1", ReadOnlyMemory<byte>.Empty, Digest.Of(content), new ManifestPosition("f", 0),
        wave is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["argocd.argoproj.io/sync-wave"] = wave });

    private static InventoryEntry Entry(ResourceId id) => new()
    {
        Id = id, ApiVersion = "v1", Uid = Live.Uid, DesiredHash = Digest.Of("desired"), Proof = ObjectProof.Of(Digest.Of("desired"), Live.Of(Live.ConfigMap)),
    };
}
