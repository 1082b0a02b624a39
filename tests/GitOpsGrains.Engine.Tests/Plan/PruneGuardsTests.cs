using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Tests.Plan;

public sealed class PruneGuardsTests
{
    private static readonly ResourceId Settings = new("", "ConfigMap", "web", "settings");

    private static readonly PruneRequest Allowed = new()
    {
        Owner = new TrackingOwner("default", "shop", "web"),
        Policy = PrunePolicy.Default with { IsEnabled = true },
        Candidates = [Candidate(Live.ConfigMap)],
        InventoryCount = 4,
        IsRenderSucceeded = true,
        DesiredCount = 3,
        IsDiscoveryComplete = true,
        IsClusterSame = true,
    };

    [Fact]
    public void Decide_AllGuardsHold_Prunes() =>
        Assert.Equal((PruneDecision.Prune, ""), Decide(Allowed));

    [Fact]
    public void Decide_NothingSaid_Holds() =>
        Assert.Equal(PruneDecision.Hold, Decide(new PruneRequest { Candidates = Allowed.Candidates }).Decision);

    public static TheoryData<string, Func<PruneRequest, PruneRequest>, PruneDecision, string> Guards => new()
    {
        { "render failed", request => request with { IsRenderSucceeded = false }, PruneDecision.Hold, "the manifests could not be rendered" },
        { "render empty", request => request with { DesiredCount = 0 }, PruneDecision.Hold, "the render is empty" },
        { "discovery", request => request with { IsDiscoveryComplete = false }, PruneDecision.Hold, "the cluster could not tell all its kinds" },
        { "identity", request => request with { IsClusterSame = false }, PruneDecision.Hold, "the cluster is not the one that the objects were applied to" },
        { "identity before handing over", request => request with { IsClusterSame = false, WantedByOther = _ => "a/b/c" }, PruneDecision.Hold, "the cluster is not the one that the objects were applied to" },
        { "off", request => request with { Policy = PrunePolicy.Default }, PruneDecision.Hold, "pruning is off" },
        { "pending render", request => request with { PendingRenders = ["shop/other"] }, PruneDecision.Hold, "not all applications of the commit are rendered yet (shop/other)" },
        { "wanted by another", request => request with { WantedByOther = _ => "default/shop/other" }, PruneDecision.HandOver, "default/shop/other has it now" },
        { "wanted by another while renders pend", request => request with { WantedByOther = _ => "default/shop/other", PendingRenders = ["x"] }, PruneDecision.HandOver, "default/shop/other has it now" },
        { "annotation names another", request => With(request, "default/shop/web:", "default/shop/new:"), PruneDecision.HandOver, "default/shop/new has it now" },
        { "annotation of another installation", request => With(request, "default/shop/web:", "other/shop/web:"), PruneDecision.HandOver, "other/shop/web has it now" },
        { "annotation gone", request => With(request, "gitopsgrains.io/target\":\"", "x\":\""), PruneDecision.Skip, "it does not carry gitopsgrains.io/target for this target" },
        { "annotation copied from another object", request => With(request, "web/settings\"", "web/original\""), PruneDecision.Skip, "it does not carry gitopsgrains.io/target for this target" },
        { "another uid", request => With(request, Live.Uid, "11111111-1111-4a53-9d2c-2f3a1b0c5d6e"), PruneDecision.Skip, "it was deleted and made again by somebody else" },
        { "deleting", request => With(request, "\"creationTimestamp\"", "\"deletionTimestamp\":\"x\",\"creationTimestamp\""), PruneDecision.Hold, "its deletion began and is not finished" },
        { "Prune=false", request => Annotated(request, "argocd.argoproj.io/sync-options", "Replace=true, Prune=false"), PruneDecision.Skip, "its annotation says sync-options: Prune=false" },
        { "Delete=false", request => Annotated(request, "gitopsgrains.io/sync-options", "Delete=false"), PruneDecision.Skip, "its annotation says sync-options: Delete=false" },
        { "Flux", request => Annotated(request, "kustomize.toolkit.fluxcd.io/prune", "Disabled"), PruneDecision.Skip, "its annotation says kustomize.toolkit.fluxcd.io/prune: disabled" },
        { "own prune", request => Annotated(request, "gitopsgrains.io/prune", "disabled"), PruneDecision.Skip, "its annotation says gitopsgrains.io/prune: disabled" },
        { "Helm", request => Annotated(request, "helm.sh/resource-policy", "keep"), PruneDecision.Skip, "its annotation says helm.sh/resource-policy: keep" },
        { "confirm", request => Annotated(request, "argocd.argoproj.io/sync-options", "Prune=confirm"), PruneDecision.Hold, "its annotation asks for confirmation" },
        { "confirmed", request => Annotated(request, "argocd.argoproj.io/sync-options", "Prune=confirm") with { IsApproved = _ => true }, PruneDecision.Prune, "" },
        { "approved empty render", request => request with { DesiredCount = 0, IsApproved = _ => true }, PruneDecision.Prune, "" },
        { "approval does not make it ours", request => With(request, "gitopsgrains.io/target\":\"", "x\":\"") with { IsApproved = _ => true }, PruneDecision.Skip, "it does not carry gitopsgrains.io/target for this target" },
        { "approval does not heal discovery", request => request with { IsDiscoveryComplete = false, IsApproved = _ => true }, PruneDecision.Hold, "the cluster could not tell all its kinds" },
        { "approval does not lift Prune=false", request => Annotated(request, "argocd.argoproj.io/sync-options", "Prune=false") with { IsApproved = _ => true }, PruneDecision.Skip, "its annotation says sync-options: Prune=false" },
        { "unreadable", request => request with { Candidates = [new PruneCandidate(Entry(Settings), ReadOutcome.Failed, null)] }, PruneDecision.Hold, "it could not be read" },
        { "gone", request => request with { Candidates = [new PruneCandidate(Entry(Settings), ReadOutcome.NotFound, null)] }, PruneDecision.Gone, "" },
        { "gone while discovery is incomplete", request => request with { IsDiscoveryComplete = false, Candidates = [new PruneCandidate(Entry(Settings), ReadOutcome.NotFound, null)] }, PruneDecision.Hold, "the cluster could not tell all its kinds" },
        { "created namespace", request => request with { Candidates = [request.Candidates[0] with { Entry = Entry(Settings) with { IsCreatedNamespace = true } }] }, PruneDecision.Skip, "a namespace made by CreateNamespace is never pruned" },
        { "no uid in the inventory", request => request with { Candidates = [request.Candidates[0] with { Entry = Entry(Settings) with { Uid = "" } }] }, PruneDecision.Skip, "it was deleted and made again by somebody else" },
        { "confirm kind", request => request with { Policy = request.Policy with { ConfirmKinds = new HashSet<string> { "ConfigMap" } } }, PruneDecision.Hold, "deleting a ConfigMap asks for approval" },
        { "target deleted", request => request with { Cause = PruneCause.TargetDeleted, IsRenderSucceeded = false, DesiredCount = 0, Policy = PrunePolicy.Default, PendingRenders = ["x"] }, PruneDecision.Prune, "" },
        { "target deleted, Delete=false", request => Annotated(request, "argocd.argoproj.io/sync-options", "Delete=false") with { Cause = PruneCause.TargetDeleted }, PruneDecision.Skip, "its annotation says sync-options: Delete=false" },
        { "target deleted, another cluster", request => request with { Cause = PruneCause.TargetDeleted, IsClusterSame = false }, PruneDecision.Hold, "the cluster is not the one that the objects were applied to" },
    };

    [Theory]
    [MemberData(nameof(Guards))]
    public void Decide_OneGuard_DecidesAlone(string guard, Func<PruneRequest, PruneRequest> change, PruneDecision decision, string reason) =>
        Assert.True((decision, reason) == Decide(change(Allowed)), $"{guard}: {Decide(change(Allowed))}");

    [Theory]
    [InlineData("CustomResourceDefinition", true)]
    [InlineData("Namespace", true)]
    [InlineData("PersistentVolume", true)]
    [InlineData("PersistentVolumeClaim", true)]
    [InlineData("Secret", false)]
    public void ConfirmKinds_Default_AreThoseThatLoseData(string kind, bool confirmed) =>
        Assert.Equal(confirmed, PrunePolicy.Default.ConfirmKinds.Contains(kind));

    [Theory]
    [InlineData(10, 10, 0, 0)]
    [InlineData(11, 100, 0, 0)]
    [InlineData(11, 37, 0, 0)]
    [InlineData(11, 36, 11, 0)]
    [InlineData(11, 36, 9, 2)]
    public void Decide_Budget_HoldsWhatIsNotApproved(int candidates, int inventory, int held, int approved)
    {
        var request = Allowed with
        {
            InventoryCount = inventory,
            Candidates = [.. Enumerable.Range(0, candidates).Select(i => Candidate(Live.ConfigMap.Replace("settings", $"c{i:d2}", StringComparison.Ordinal)))],
            IsApproved = id => approved > 0 && string.CompareOrdinal(id.Name, $"c{approved:d2}") < 0,
        };

        var verdicts = PruneGuards.Decide(request);

        Assert.Equal(held, verdicts.Count(verdict => verdict.Decision == PruneDecision.Hold && verdict.NeedsApproval));
        Assert.Equal(candidates - held, verdicts.Count(verdict => verdict.Decision == PruneDecision.Prune));
        Assert.All(verdicts.Where(verdict => verdict.Decision == PruneDecision.Hold), verdict =>
            Assert.Equal($"{candidates} of {inventory} objects would be deleted, more than 10 and more than 30 %", verdict.Reason));
    }

    [Fact]
    public void Decide_Several_AreInOrderOfDeletion()
    {
        var ids = new ResourceId[] { new("", "Namespace", "", "web"), new("", "ConfigMap", "web", "a"), new("apps", "Deployment", "web", "a"), new("e.com", "Thing", "web", "a") };

        var verdicts = PruneGuards.Decide(Allowed with { Candidates = [.. ids.Select(id => new PruneCandidate(Entry(id), ReadOutcome.NotFound, null))] });

        Assert.Equal(ids.Reverse(), verdicts.Select(verdict => verdict.Candidate.Entry.Id));
    }

    [Fact]
    public void Decide_Verdicts_SayWhetherTheObjectIsStillOurs()
    {
        Assert.True(Verdict(Allowed).StaysInInventory);
        Assert.True(Verdict(Annotated(Allowed, "helm.sh/resource-policy", "keep")).StaysInInventory);
        Assert.True(Verdict(Allowed with { IsDiscoveryComplete = false }).StaysInInventory);
        Assert.False(Verdict(With(Allowed, Live.Uid, "x")).StaysInInventory);
        Assert.False(Verdict(Allowed with { WantedByOther = _ => "a/b/c" }).StaysInInventory);
    }

    private static PruneVerdict Verdict(PruneRequest request) => Assert.Single(PruneGuards.Decide(request));

    private static (PruneDecision Decision, string Reason) Decide(PruneRequest request) => (Verdict(request).Decision, Verdict(request).Reason);

    private static PruneRequest Annotated(PruneRequest request, string name, string value) =>
        With(request, "\"other\":\"o\"", $"\"{name}\":\"{value}\"");

    private static PruneRequest With(PruneRequest request, string old, string now)
    {
        Assert.Contains(old, Live.ConfigMap, StringComparison.Ordinal);
        return request with { Candidates = [new PruneCandidate(Entry(Settings), ReadOutcome.Found, Live.Of(Live.ConfigMap.Replace(old, now, StringComparison.Ordinal)))] };
    }

    private static PruneCandidate Candidate(string json)
    {
        LiveObject live = Live.Of(json);
        return new PruneCandidate(Entry(live.Id), ReadOutcome.Found, live);
    }

    private static InventoryEntry Entry(ResourceId id) => new() { Id = id, ApiVersion = "v1", Uid = Live.Uid };
}
