using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Plan;

namespace GitOpsGrains.Engine.Tests.Plan;

public sealed class PruneOrderTests
{
    [Fact]
    public void Of_Waves_ComeHighestFirst() =>
        Assert.Equal(
            ["2: c", "0: d b", "-1: a"],
            Told(PruneOrder.Of([Prune("a", -1), Prune("b"), Prune("c", 2), Prune("d", own: "0")], PruneCause.LeftGit)));

    [Fact]
    public void Of_OneWave_ReversesTheKindsOfASync() =>
        Assert.Equal(
            ["0: thing job web settings"],
            Told(PruneOrder.Of(
                [Prune("settings"), Prune("web", kind: "Deployment", group: "apps"), Prune("job", kind: "Job", group: "batch"), Prune("thing", kind: "Thing", group: "e.com")],
                PruneCause.LeftGit)));

    [Fact]
    public void Of_OurWave_WinsOverArgos() =>
        Assert.Equal(["5: a", "0: b"], Told(PruneOrder.Of([Prune("a", 1, own: "5"), Prune("b")], PruneCause.LeftGit)));

    [Fact]
    public void Of_NamespacesAndDefinitions_ComeAfterWhatNeedsThem() =>
        Assert.Equal(
            ["3: other", "0: thing a", "0: things.e.com", "0: web"],
            Told(PruneOrder.Of(
                [
                    Prune("web", 3, kind: "Namespace", space: ""), Prune("things.e.com", 3, kind: "CustomResourceDefinition", group: "apiextensions.k8s.io", space: ""),
                    Prune("a"), Prune("thing", kind: "Thing", group: "e.com"), Prune("other", 3, space: "elsewhere"),
                ],
                PruneCause.LeftGit)));

    [Fact]
    public void Of_DeletionThatBegan_IsWaitedFor()
    {
        var groups = PruneOrder.Of([Prune("a"), Held("b", 1, deleting: true)], PruneCause.LeftGit);

        Assert.Equal(["1: (b)", "0: a"], Told(groups));
    }

    [Fact]
    public void Of_WhatWaitsForAPerson_HoldsUpTheDeletionOfAnApplicationOnly()
    {
        PruneVerdict[] verdicts = [Prune("a"), Held("b", 1)];

        Assert.Equal(["0: a"], Told(PruneOrder.Of(verdicts, PruneCause.LeftGit)));
        Assert.Equal(["1: (b)", "0: a"], Told(PruneOrder.Of(verdicts, PruneCause.TargetDeleted)));
    }

    [Fact]
    public void Of_NothingToDelete_HasNoGroups() =>
        Assert.Empty(PruneOrder.Of([Prune("a") with { Decision = PruneDecision.Skip }, Prune("b") with { Decision = PruneDecision.HandOver }], PruneCause.TargetDeleted));

    [Fact]
    public void Of_WaveThatIsNoNumber_IsZero() =>
        Assert.Equal(["0: b a"], Told(PruneOrder.Of([Prune("a", own: "last"), Prune("b", own: "99999999999")], PruneCause.LeftGit)));

    [Theory]
    [InlineData("/Namespace:/web", "/ConfigMap:web/a", true)]
    [InlineData("/Namespace:/web", "/ConfigMap:other/a", false)]
    [InlineData("/Namespace:/web", "/Namespace:/web", false)]
    [InlineData("apiextensions.k8s.io/CustomResourceDefinition:/things.e.com", "e.com/Thing:web/a", true)]
    [InlineData("apiextensions.k8s.io/CustomResourceDefinition:/things.e.com", "e.com/Thing:/a", true)]
    [InlineData("apiextensions.k8s.io/CustomResourceDefinition:/things.e.com", "f.com/Thing:web/a", false)]
    [InlineData("e.com/Namespace:/web", "/ConfigMap:web/a", false)]
    public void Contains_SaysWhatGoesWithIt(string container, string id, bool contained)
    {
        Assert.True(ResourceId.TryParse(container, out var outer) && ResourceId.TryParse(id, out var inner) && PruneOrder.Contains(outer, inner) == contained);
    }

    private static IEnumerable<string> Told(IReadOnlyList<PruneGroup> groups) => groups.Select(group =>
        $"{group.Wave}: {string.Join(' ', group.Deletions.Select(candidate => candidate.Entry.Id.Name).Concat(group.InTheWay.Select(candidate => $"({candidate.Entry.Id.Name})")))}");

    private static PruneVerdict Held(string name, int wave, bool deleting = false) =>
        Prune(name, wave, deleting: deleting) with { Decision = PruneDecision.Hold, Reason = "held" };

    private static PruneVerdict Prune(
        string name, int wave = 0, string? own = null, string kind = "ConfigMap", string group = "", string space = "web", bool deleting = false)
    {
        var version = group.Length == 0 ? "v1" : $"{group}/v1";
        var namespaced = space.Length == 0 ? "" : $"\"namespace\":\"{space}\",";
        var annotations = $"\"argocd.argoproj.io/sync-wave\":\"{wave}\"" + (own is null ? "" : $",\"gitopsgrains.io/sync-wave\":\"{own}\"");
        var deletion = deleting ? "\"deletionTimestamp\":\"2026-01-01T00:00:00Z\"," : "";
        var live = Live.Of($"{{\"metadata\":{{\"name\":\"{name}\",{namespaced}{deletion}\"uid\":\"u\",\"annotations\":{{{annotations}}}}}}}", version, kind);
        return new PruneVerdict(new PruneCandidate(new InventoryEntry { Id = live.Id, Uid = "u" }, ReadOutcome.Found, live), PruneDecision.Prune, "");
    }
}
