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
        { "named by another", request => request with { NamedByOther = _ => "the application shop/other" }, PruneDecision.Hold, "it stands in the manifests of the application shop/other, which does not apply it now" },
        { "named by another, approved", request => request with { NamedByOther = _ => "the application shop/other", IsApproved = _ => true }, PruneDecision.Prune, "" },
        { "target deleted, named by another", request => request with { Cause = PruneCause.TargetDeleted, NamedByOther = _ => "the application shop/other" }, PruneDecision.Skip, "it stands in the manifests of the application shop/other" },
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
        { "Flux ignores", request => Annotated(request, "kustomize.toolkit.fluxcd.io/reconcile", "disabled"), PruneDecision.Skip, "its annotation says kustomize.toolkit.fluxcd.io/reconcile: disabled" },
        { "Flux does not apply", request => Annotated(request, "kustomize.toolkit.fluxcd.io/ssa", "Ignore"), PruneDecision.Skip, "its annotation says kustomize.toolkit.fluxcd.io/ssa: Ignore" },
        { "Flux by label", request => With(request, "\"team\":\"web\"", "\"kustomize.toolkit.fluxcd.io/prune\":\"disabled\""), PruneDecision.Skip, "its annotation says kustomize.toolkit.fluxcd.io/prune: disabled" },
        { "Helm's word by label means nothing", request => With(request, "\"team\":\"web\"", "\"helm.sh/resource-policy\":\"keep\""), PruneDecision.Prune, "" },
        { "restored", request => Annotated(request, "gitopsgrains.io/restored", "x\",\"gitopsgrains.io/prune\":\"disabled"), PruneDecision.Skip, "restored by hand; put it into Git or delete it" },
        { "option Prune=false", request => request with { Options = new SyncOptionSet(["Prune=false"]) }, PruneDecision.Skip, "the application's options say Prune=false" },
        { "option Prune=confirm", request => request with { Options = new SyncOptionSet(["Prune=confirm"]) }, PruneDecision.Hold, "the application's options ask for confirmation" },
        { "option Prune=false, the object says true", request => Annotated(request, "argocd.argoproj.io/sync-options", "Prune=true") with { Options = new SyncOptionSet(["Prune=false"]) }, PruneDecision.Prune, "" },
        { "option Delete=false is not about Git", request => request with { Options = new SyncOptionSet(["Delete=false"]) }, PruneDecision.Prune, "" },
        { "approval does not lift the option", request => request with { Options = new SyncOptionSet(["Prune=false"]), IsApproved = _ => true }, PruneDecision.Skip, "the application's options say Prune=false" },
        { "target deleted, option Delete=false", request => request with { Cause = PruneCause.TargetDeleted, Options = new SyncOptionSet(["Delete=false"]) }, PruneDecision.Skip, "the application's options say Delete=false" },
        { "target deleted, option Delete=confirm", request => request with { Cause = PruneCause.TargetDeleted, Options = new SyncOptionSet(["Delete=confirm"]) }, PruneDecision.Hold, "the application's options ask for confirmation" },
        { "target deleted, option Prune=false is about Git", request => request with { Cause = PruneCause.TargetDeleted, Options = new SyncOptionSet(["Prune=false"]) }, PruneDecision.Prune, "" },
        { "target deleted, Prune=false", request => Annotated(request, "argocd.argoproj.io/sync-options", "Prune=false") with { Cause = PruneCause.TargetDeleted }, PruneDecision.Skip, "its annotation says sync-options: Prune=false" },
        { "target deleted, Delete=confirm", request => Annotated(request, "argocd.argoproj.io/sync-options", "Delete=confirm") with { Cause = PruneCause.TargetDeleted }, PruneDecision.Hold, "its annotation asks for confirmation" },
        { "target deleted, approved", request => Annotated(request, "argocd.argoproj.io/sync-options", "Delete=confirm") with { Cause = PruneCause.TargetDeleted, IsApproved = _ => true }, PruneDecision.Prune, "" },
        { "target deleted, wanted by another", request => request with { Cause = PruneCause.TargetDeleted, WantedByOther = _ => "default/shop/other" }, PruneDecision.HandOver, "default/shop/other has it now" },
        { "target deleted, discovery", request => request with { Cause = PruneCause.TargetDeleted, IsDiscoveryComplete = false }, PruneDecision.Hold, "the cluster could not tell all its kinds" },
        { "target deleted, others silent", request => request with { Cause = PruneCause.TargetDeleted, Silent = ["shop/other/eu"] }, PruneDecision.Hold, "not all applications of the cluster have said yet what they desire (shop/other/eu)" },
        { "others silent", request => request with { Silent = ["shop/other/eu"] }, PruneDecision.Hold, "not all applications of the cluster have said yet what they desire (shop/other/eu)" },
        { "approval does not make others speak", request => request with { Silent = ["shop/other/eu"], IsApproved = _ => true }, PruneDecision.Hold, "not all applications of the cluster have said yet what they desire (shop/other/eu)" },
        { "desired again", request => request with { IsDesired = _ => true, IsApproved = _ => true }, PruneDecision.Hold, "it is desired again" },
        { "empty allowed", request => request with { DesiredCount = 0, Policy = request.Policy with { AllowEmpty = true } }, PruneDecision.Prune, "" },
        { "last manifest kept it", request => Wished(request, "Prune=false"), PruneDecision.Hold, "its manifest said sync-options: Prune=false, and the live object does not say it any more" },
        { "last manifest kept it, approved", request => Wished(request, "Prune=false") with { IsApproved = _ => true }, PruneDecision.Prune, "" },
        { "last manifest kept it, approved by annotation", request => Approved(Wished(request, "Prune=false"), "2026-03-01T12:00:00Z"), PruneDecision.Hold, "its manifest said sync-options: Prune=false, and the live object does not say it any more" },
        { "last manifest asked", request => Wished(request, "Prune=confirm"), PruneDecision.Hold, "its annotation asks for confirmation" },
        { "manifest keeps it, target deleted", request => Wished(request, "Delete=false") with { Cause = PruneCause.TargetDeleted }, PruneDecision.Skip, "its manifest says sync-options: Delete=false" },
        { "approved by annotation in time", request => Approved(Wished(request, "Prune=confirm"), "2026-03-01T12:00:00Z"), PruneDecision.Prune, "" },
        { "approved by annotation too early", request => Approved(Wished(request, "Prune=confirm"), "2026-03-01T11:59:59Z"), PruneDecision.Hold, "its annotation asks for confirmation" },
        { "approved by annotation in another zone", request => Approved(Wished(request, "Prune=confirm"), "2026-03-01T14:00:00+02:00"), PruneDecision.Prune, "" },
        { "approved by annotation before it was held", request => Approved(Wished(request, "Prune=confirm"), "2026-03-01T12:00:00Z") with { HeldSince = _ => null }, PruneDecision.Hold, "its annotation asks for confirmation" },
        { "approved by an annotation that is no time", request => Approved(Wished(request, "Prune=confirm"), "yes"), PruneDecision.Hold, "its annotation asks for confirmation" },
        { "an annotation approves no kind", request => Approved(Wished(request, "Prune=confirm"), "2026-03-01T12:00:00Z") with { Policy = request.Policy with { ConfirmKinds = new HashSet<string> { "ConfigMap" } } }, PruneDecision.Hold, "deleting a ConfigMap asks for approval" },
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
    public void Decide_Budget_IsNotSpentInPortionsWhereSomeCanNotBeRead()
    {
        var candidates = Enumerable.Range(0, 25).Select(i => Candidate(Live.ConfigMap.Replace("settings", $"c{i:d2}", StringComparison.Ordinal)))
            .Select((candidate, index) => index < 10 ? candidate : candidate with { Outcome = ReadOutcome.Failed, Live = null });

        var verdicts = PruneGuards.Decide(Allowed with { InventoryCount = 60, Candidates = [.. candidates] });

        Assert.DoesNotContain(verdicts, verdict => verdict.Decision == PruneDecision.Prune);
        Assert.Equal(10, verdicts.Count(verdict => verdict is { NeedsApproval: true, Reason: "25 of 60 objects would be deleted, more than 10 and more than 30 %" }));
    }

    [Theory]
    [InlineData(PruneCause.LeftGit, PruneDecision.Hold)]
    [InlineData(PruneCause.TargetDeleted, PruneDecision.Skip)]
    public void Decide_NamespaceOfWhatStaysByAnEarlierVerdict_StaysToo(PruneCause cause, PruneDecision expected)
    {
        var request = Allowed with { Cause = cause, Candidates = [Found(new ResourceId("", "Namespace", "", "web"))], Policy = Allowed.Policy with { ConfirmKinds = new HashSet<string>() } };
        Assert.Equal((PruneDecision.Prune, ""), Decide(request));

        var verdict = Decide(request with { Staying = [new ResourceId("", "PersistentVolumeClaim", "web", "data")] });

        Assert.Equal((expected, "PersistentVolumeClaim web/data stays and would be deleted with it"), verdict);
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

    [Theory]
    [InlineData("Namespace", "", "web", "ConfigMap", "")]
    [InlineData("CustomResourceDefinition", "apiextensions.k8s.io", "things.example.com", "Thing", "example.com")]
    public void Decide_ContainerOfWhatIsDesired_IsNeverDeleted(string kind, string group, string name, string innerKind, string innerGroup)
    {
        var id = new ResourceId(group, kind, "", name);
        var inner = new ResourceId(innerGroup, innerKind, "web", "inner");
        var request = Allowed with
        {
            Candidates = [Found(id)],
            IsApproved = _ => true,
            DesiredWithin = container => PruneOrder.Contains(container, inner) ? inner.Display : null,
        };

        Assert.Equal((PruneDecision.Hold, $"{inner.Display} is desired and would be deleted with it"), Decide(request));
        Assert.Equal((PruneDecision.Skip, $"{inner.Display} is desired and would be deleted with it"), Decide(request with { Cause = PruneCause.TargetDeleted }));
        Assert.Equal((PruneDecision.Prune, ""), Decide(request with { DesiredWithin = _ => null }));
    }

    [Fact]
    public void Decide_NamespaceOfWhatStays_StaysToo()
    {
        var kept = Annotated(Allowed, "argocd.argoproj.io/sync-options", "Prune=false").Candidates[0];
        var request = Allowed with { Candidates = [Found(new ResourceId("", "Namespace", "", "web")), kept], IsApproved = _ => true };

        Assert.Equal(
            [(PruneDecision.Skip, "its annotation says sync-options: Prune=false"), (PruneDecision.Hold, "ConfigMap web/settings stays and would be deleted with it")],
            PruneGuards.Decide(request).Select(verdict => (verdict.Decision, verdict.Reason)));
        Assert.Equal(
            [PruneDecision.Skip, PruneDecision.Skip],
            PruneGuards.Decide(request with { Cause = PruneCause.TargetDeleted }).Select(verdict => verdict.Decision));
    }

    [Fact]
    public void Decide_NamespaceOfWhatIsHeld_IsHeldToo()
    {
        var request = Allowed with
        {
            Candidates = [Found(new ResourceId("", "Namespace", "", "web")), new PruneCandidate(Entry(Settings), ReadOutcome.Failed, null)],
            IsApproved = _ => true,
        };

        Assert.Equal(
            [(PruneDecision.Hold, "it could not be read"), (PruneDecision.Hold, "ConfigMap web/settings is held and would be deleted with it")],
            PruneGuards.Decide(request).Select(verdict => (verdict.Decision, verdict.Reason)));
    }

    [Fact]
    public void Decide_EmptyRenderThatIsAllowed_StaysWithinTheBudget()
    {
        var request = Allowed with
        {
            DesiredCount = 0,
            InventoryCount = 11,
            Policy = Allowed.Policy with { AllowEmpty = true },
            Candidates = [.. Enumerable.Range(0, 11).Select(i => Candidate(Live.ConfigMap.Replace("settings", $"c{i:d2}", StringComparison.Ordinal)))],
        };

        Assert.All(PruneGuards.Decide(request), verdict => Assert.True(verdict is { Decision: PruneDecision.Hold, NeedsApproval: true }));
    }

    private static PruneCandidate Found(ResourceId id)
    {
        var space = id.Namespace.Length == 0 ? "" : $"\"namespace\":\"{id.Namespace}\",";
        var version = id.Group.Length == 0 ? "v1" : $"{id.Group}/v1";
        return new PruneCandidate(Entry(id), ReadOutcome.Found, Live.Of(
            $"{{\"apiVersion\":\"{version}\",\"kind\":\"{id.Kind}\",\"metadata\":{{\"name\":\"{id.Name}\",{space}\"uid\":\"{Live.Uid}\",\"resourceVersion\":\"1\",\"annotations\":{{\"gitopsgrains.io/target\":\"default/shop/web:{id}\"}}}}}}",
            version, id.Kind));
    }

    /// <summary>The manifest that was applied last said this; the live object does not.</summary>
    private static PruneRequest Wished(PruneRequest request, string option) => request with
    {
        Candidates = [request.Candidates[0] with
        {
            Entry = request.Candidates[0].Entry with { Wishes = new Dictionary<string, string> { ["argocd.argoproj.io/sync-options"] = option } },
        }],
        HeldSince = _ => new DateTimeOffset(2026, 3, 1, 12, 0, 0, 900, TimeSpan.Zero),
    };

    private static PruneRequest Approved(PruneRequest request, string time) => request with
    {
        Candidates = [request.Candidates[0] with { Live = Annotated(Allowed, "argocd.argoproj.io/deletion-approved", time).Candidates[0].Live }],
    };

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
