using CsCheck;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Tests.Plan;

/// <summary>Whatever comes together, nothing is deleted that is not ours, not wanted away, or in doubt.</summary>
public sealed class PrunePropertyTests
{
    private const long Cases = 5_000;

    private static readonly TrackingOwner Owner = new("default", "shop", "web");

    private static readonly string[] Keepers =
    [
        "argocd.argoproj.io/sync-options=Prune=false", "argocd.argoproj.io/sync-options=Replace=true,Delete=false", "gitopsgrains.io/sync-options=Prune=false",
        "kustomize.toolkit.fluxcd.io/prune=disabled", "kustomize.toolkit.fluxcd.io/reconcile=disabled", "kustomize.toolkit.fluxcd.io/ssa=Ignore",
        "gitopsgrains.io/prune=disabled", "helm.sh/resource-policy=keep",
    ];

    private static readonly string[] Askers = ["argocd.argoproj.io/sync-options=Prune=confirm", "gitopsgrains.io/sync-options=Delete=confirm"];

    /// <summary>One object with everything that may speak against deleting it.</summary>
    private sealed record Thing(
        string Name, bool IsNamespace, string Annotation, string Wish, int OwnerIs, bool SameUid, ReadOutcome Outcome, bool IsDeleting, bool IsWanted, bool IsDesired, bool IsApproved, int Wave)
    {
        public ResourceId Id => IsNamespace ? new ResourceId("", "Namespace", "", Name) : new ResourceId("", "ConfigMap", Name[..2], Name);
    }

    private sealed record World(IReadOnlyList<Thing> Things, bool Rendered, bool Discovered, bool Same, bool Enabled, bool AllowEmpty, int Desired, bool Pending, bool Silent, string Option, bool IsDeletion, int Budget, int Percent, int More);

    private static readonly Gen<Thing> Things =
        from number in Gen.Int[0, 30]
        from space in Gen.Int[0, 2]
        from ns in Gen.Frequency((6, Gen.Const(false)), (1, Gen.Const(true)))
        from annotation in Gen.Frequency((5, Gen.Const("")), (1, AnyOf(Keepers)), (1, AnyOf(Askers)))
        from wish in Gen.Frequency((6, Gen.Const("")), (1, AnyOf(Keepers)), (1, AnyOf(Askers)))
        from owner in Gen.Frequency((8, Gen.Const(0)), (1, Gen.Int[1, 3]))
        from uid in Gen.Frequency((8, Gen.Const(true)), (1, Gen.Const(false)))
        from outcome in Gen.Frequency((10, Gen.Const(ReadOutcome.Found)), (1, Gen.Const(ReadOutcome.NotFound)), (1, Gen.Const(ReadOutcome.Failed)))
        from flags in Gen.Int[0, 255]
        from wave in Gen.Int[-2, 2]
        select new Thing(
            ns ? $"s{space}" : $"s{space}{number:d2}", ns, annotation, wish, owner, uid, outcome,
            IsDeleting: (flags & 7) == 7, IsWanted: (flags & 24) == 24, IsDesired: (flags & 97) == 97, IsApproved: (flags & 128) != 0, wave);

    private static readonly Gen<World> Worlds =
        from things in Things.List[0, 25]
        from flags in Gen.Int[0, 65535]
        from desired in Gen.Int[0, 3]
        from option in AnyOf("", "", "", "Prune=false", "Prune=confirm", "Delete=false", "Delete=confirm")
        from budget in Gen.Int[0, 12]
        from percent in Gen.Int[0, 100]
        from more in Gen.Int[0, 40]
        select new World(
            [.. things.DistinctBy(thing => thing.Id)], (flags & 7) != 7, (flags & 56) != 56, (flags & 448) != 448, (flags & 3584) != 3584, (flags & 4096) != 0, desired,
            (flags & 24579) == 24579, (flags & 32780) == 32780, option, (flags & 8192) != 0, budget, percent, more);

    private static Gen<string> AnyOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(index => texts[index]);

    [Fact]
    public void Decide_Whatever_NeverDeletesWhatMustStay() => Worlds.Sample(world =>
    {
        var request = Request(world);
        var verdicts = PruneGuards.Decide(request);
        var byId = world.Things.ToDictionary(thing => thing.Id);

        Assert.Equal(world.Things.Select(thing => thing.Id).Order(), verdicts.Select(verdict => verdict.Candidate.Entry.Id).Order());
        var pruned = verdicts.Where(verdict => verdict.Decision == PruneDecision.Prune).Select(verdict => byId[verdict.Candidate.Entry.Id]).ToArray();
        Assert.All(pruned, thing => Assert.Null(AgainstDeleting(world, thing)));
        // What is deleted takes nothing with it that stays.
        foreach (var space in pruned.Where(thing => thing.IsNamespace))
            Assert.All(
                verdicts.Where(verdict => PruneOrder.Contains(space.Id, verdict.Candidate.Entry.Id)),
                verdict => Assert.True(verdict.Decision is PruneDecision.Prune or PruneDecision.Gone || verdict.Candidate.Live is { IsDeleting: true }));
        if (!world.IsDeletion)
        {
            var unapproved = pruned.Count(thing => !thing.IsApproved);
            Assert.True(unapproved == 0 || pruned.Length <= world.Budget || pruned.Length * 100 <= world.Percent * request.InventoryCount);
        }
    }, iter: Cases);

    [Fact]
    public void Decide_WhatIsNotDeleted_IsForgottenOnlyWhenItIsNotOurs() => Worlds.Sample(world =>
    {
        foreach (var verdict in PruneGuards.Decide(Request(world)))
        {
            var thing = world.Things.Single(thing => thing.Id == verdict.Candidate.Entry.Id);
            if (verdict.StaysInInventory || world.IsDeletion) continue;
            Assert.True(
                thing.IsWanted || thing.OwnerIs != 0 || !thing.SameUid || (verdict.Decision == PruneDecision.Gone && world.Discovered && thing.Outcome == ReadOutcome.NotFound),
                $"{verdict}");
        }
    }, iter: Cases);

    [Fact]
    public void Of_Whatever_DeletesEachOnceHighestWaveFirstAndContainersAfterTheirContents() => Worlds.Sample(world =>
    {
        var verdicts = PruneGuards.Decide(Request(world));
        var cause = world.IsDeletion ? PruneCause.TargetDeleted : PruneCause.LeftGit;
        var groups = PruneOrder.Of(verdicts, cause);
        var deleted = groups.SelectMany(group => group.Deletions).Select(candidate => candidate.Entry.Id).ToArray();

        Assert.Equal(verdicts.Where(verdict => verdict.Decision == PruneDecision.Prune).Select(verdict => verdict.Candidate.Entry.Id).Order(), deleted.Order());
        Assert.Equal(groups.Select(group => group.Wave), groups.Select(group => group.Wave).OrderDescending());
        foreach (var (id, index) in deleted.Select((id, index) => (id, index)))
            Assert.DoesNotContain(deleted.Skip(index + 1), later => PruneOrder.Contains(id, later));
        // Within a wave nothing that a sync applies first is deleted first.
        foreach (var group in groups)
            Assert.Equal(group.Deletions.Select(candidate => candidate.Entry.Id).Order(Comparer<ResourceId>.Create(ApplyOrder.CompareReversed)), group.Deletions.Select(candidate => candidate.Entry.Id));
    }, iter: Cases);

    /// <summary>The rules of the design, said once more and in another way than the guards do.</summary>
    private static string? AgainstDeleting(World world, Thing thing)
    {
        if (!world.Same) return "another cluster";
        if (!world.Discovered) return "discovery";
        if (world.Silent) return "silent";
        if (thing.IsDesired) return "desired";
        if (thing.IsWanted) return "claimed by another";
        if (thing.Outcome != ReadOutcome.Found) return "not read";
        if (thing.OwnerIs != 0) return "not ours";
        if (!thing.SameUid) return "another uid";
        if (thing.IsDeleting) return "is going";
        if (Keepers.Contains(thing.Annotation)) return "kept by annotation";
        if (world.IsDeletion)
        {
            if (Keepers.Contains(thing.Wish)) return "kept by manifest";
            if (world.Option == "Delete=false" && !(thing.Wish + thing.Annotation).Contains("Delete=", StringComparison.Ordinal)) return "kept by option";
            return !thing.IsApproved && (thing.Annotation + thing.Wish).Contains("=confirm", StringComparison.Ordinal) ? "not confirmed" : null;
        }
        if (!world.Rendered || !world.Enabled || world.Pending) return "render or policy";
        if (world.Option == "Prune=false" && !(thing.Wish + thing.Annotation).Contains("Prune=", StringComparison.Ordinal)) return "kept by option";
        if (thing.IsApproved) return null;
        if (Keepers.Contains(thing.Wish)) return "kept by manifest";
        if ((thing.Annotation + thing.Wish).Contains("=confirm", StringComparison.Ordinal)) return "not confirmed";
        if (world.Desired == 0 && !world.AllowEmpty) return "empty";
        return thing.IsNamespace ? "a kind to confirm" : null;
    }

    private static PruneRequest Request(World world)
    {
        var byId = world.Things.ToDictionary(thing => thing.Id);
        return new PruneRequest
        {
            Cause = world.IsDeletion ? PruneCause.TargetDeleted : PruneCause.LeftGit,
            Owner = Owner,
            Policy = new PrunePolicy { IsEnabled = world.Enabled, AllowEmpty = world.AllowEmpty, BudgetObjects = world.Budget, BudgetPercent = world.Percent },
            Candidates = [.. world.Things.Select(Candidate)],
            InventoryCount = world.Things.Count + world.More,
            IsRenderSucceeded = world.Rendered,
            DesiredCount = world.Desired,
            IsDiscoveryComplete = world.Discovered,
            IsClusterSame = world.Same,
            PendingRenders = world.Pending ? ["shop/other"] : [],
            Silent = world.Silent ? ["shop/other/eu"] : [],
            Options = world.Option.Length == 0 ? SyncOptionSet.None : new SyncOptionSet([world.Option]),
            IsDesired = id => byId[id].IsDesired,
            WantedByOther = id => byId[id].IsWanted ? "default/shop/other" : null,
            IsApproved = id => byId[id].IsApproved,
        };
    }

    private static PruneCandidate Candidate(Thing thing)
    {
        var entry = new InventoryEntry { Id = thing.Id, ApiVersion = "v1", Uid = "ours", Wishes = thing.Wish.Length == 0 ? null : Annotations(thing.Wish) };
        return new PruneCandidate(entry, thing.Outcome, thing.Outcome == ReadOutcome.Found ? LiveOf(thing) : null);
    }

    private static LiveObject LiveOf(Thing thing)
    {
        var annotations = Annotations(thing.Annotation);
        annotations["argocd.argoproj.io/sync-wave"] = $"{thing.Wave}";
        if (thing.OwnerIs != 3)
            annotations[Tracking.TargetAnnotation] = thing.OwnerIs switch
            {
                0 => new TrackingId(Owner, thing.Id).ToString(),
                1 => new TrackingId(Owner with { Application = "other" }, thing.Id).ToString(),
                _ => new TrackingId(Owner, thing.Id with { Name = "copied-from" }).ToString(),
            };
        var metadata = new Dictionary<string, object> { ["name"] = thing.Id.Name, ["uid"] = thing.SameUid ? "ours" : "another", ["resourceVersion"] = "1", ["annotations"] = annotations };
        if (thing.Id.Namespace.Length > 0) metadata["namespace"] = thing.Id.Namespace;
        if (thing.IsDeleting) metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z";
        return LiveObject.From(System.Text.Json.JsonSerializer.SerializeToElement(new { metadata }), "v1", thing.Id.Kind);
    }

    private static Dictionary<string, string> Annotations(string text)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        return at < 0 ? [] : new Dictionary<string, string> { [text[..at]] = text[(at + 1)..] };
    }
}
