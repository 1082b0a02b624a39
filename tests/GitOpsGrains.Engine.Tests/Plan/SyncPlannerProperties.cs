using System.Globalization;
using System.Text.Json;
using CsCheck;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Tests.Plan;

/// <summary>What holds for every triple of desired state, cluster and inventory, however odd. A failure prints the seed that gives it again.</summary>
public sealed class SyncPlannerProperties
{
    private static readonly string[] Kinds = ["Namespace", "ConfigMap", "Secret", "Service", "Deployment", "Job", "CustomResourceDefinition", "Thing"];

    /// <param name="Wanted">Git has it, in this content; -1: it does not.</param>
    /// <param name="LiveContent">The cluster has it so; -1: it does not.</param>
    /// <param name="Applied">The inventory has it, applied from this content; -1: it does not.</param>
    private sealed record Piece(int Kind, int Space, int Name, int Wave, int Wanted, int LiveContent, int Applied, bool LeftOut, bool Hook, bool OfOther);

    private static readonly Gen<Piece[]> Worlds = Gen.Select(
        Gen.Int[0, Kinds.Length - 1], Gen.Int[0, 2], Gen.Int[0, 3], Gen.Int[-2, 2], Gen.Int[-1, 1], Gen.Int[-1, 1], Gen.Int[-1, 1],
        Gen.Select(Gen.Bool, Gen.Bool, Gen.Bool),
        (kind, space, name, wave, wanted, live, applied, flags) => new Piece(kind, space, name, wave, wanted, live, applied, flags.Item1 && wave == 0, flags.Item2 && wave == 1, flags.Item3 && wave == -1))
        .Array[0, 40].Select(pieces => pieces.DistinctBy(IdOf).ToArray());

    [Fact]
    public void Plan_OfAnyWorld_PrunesNothingThatIsDesiredLeftOutHandedOverOrNotInTheInventory() => Worlds.Sample(world =>
    {
        var (state, plan) = Plan(world);
        var desired = state.Objects.Select(item => item.Id).ToHashSet();
        var pruned = plan.PruneCandidates.Select(entry => entry.Id).ToArray();

        Assert.DoesNotContain(pruned, desired.Contains);
        Assert.DoesNotContain(pruned, state.LeftOut.Contains);
        Assert.DoesNotContain(pruned, id => world.Any(piece => IdOf(piece) == id && piece.OfOther));
        Assert.All(pruned, id => Assert.Contains(world, piece => IdOf(piece) == id && piece.Applied >= 0));
        // And nothing that left is forgotten.
        Assert.Equal(world.Count(piece => piece.Applied >= 0 && !IsObject(piece) && !state.LeftOut.Contains(IdOf(piece))), pruned.Length + plan.HandedOver.Count);
    }, iter: 2000);

    [Fact]
    public void Plan_AfterEverythingWasApplied_IsEmpty() => Worlds.Sample(world =>
    {
        var (state, _) = Plan(world);

        var after = Plan([.. world.Select(piece => piece with { LiveContent = piece.Wanted, Applied = IsObject(piece) ? piece.Wanted : -1 })], state);

        Assert.True(after.IsEmpty);
        Assert.Equal(state.Objects.Count, after.Unchanged);
    }, iter: 2000);

    [Fact]
    public void Steps_OfAnyWorld_HoldEachApplyOnceAndKeepPhasesWavesAndKinds() => Worlds.Sample(world =>
    {
        var (state, plan) = Plan(world);

        var steps = SyncSteps.Of(state, plan.Applies, withHooks: true);

        Assert.Equal(plan.Applies.Select(apply => apply.Desired.Id).Order(), steps.SelectMany(step => step.Applies).Select(apply => apply.Desired.Id).Order());
        Assert.Equal(state.Objects.Select(item => item.Id), steps.SelectMany(step => step.Members).Select(item => item.Id).Order());
        Assert.Equal(steps.Select(step => (step.Phase, step.Wave)).Order(), steps.Select(step => (step.Phase, step.Wave)));
        foreach (var step in steps)
        {
            var ranks = step.Stages.Select(stage => ApplyOrder.Rank(stage.Applies[0].Desired.Id)).ToArray();
            Assert.Equal(ranks.Order(), ranks);
            // An object comes in its own wave; only namespaces and definitions may come before theirs.
            foreach (var apply in step.Applies.Where(apply => ApplyOrder.Rank(apply.Desired.Id) > 1))
                Assert.Equal((SyncPhase.Sync, ObjectAnnotations.Wave(apply.Desired.Annotations)), (step.Phase, step.Wave));
        }
    }, iter: 2000);

    [Fact]
    public void Steps_OfAnyWorld_BringNamespacesAndDefinitionsFirst() => Worlds.Sample(world =>
    {
        var (state, plan) = Plan(world);
        var turns = SyncSteps.Of(state, plan.Applies, withHooks: true)
            .SelectMany((step, at) => step.Stages.SelectMany((stage, inStep) => stage.Applies.Select(apply => (apply.Desired.Id, Turn: (at, inStep))))).ToDictionary(item => item.Id, item => item.Turn);

        foreach (var (id, turn) in turns)
        {
            if (turns.TryGetValue(new ResourceId("", "Namespace", "", id.Namespace), out var space)) Assert.True(space.CompareTo(turn) < 0, id.Display);
            if (id.Kind != "Thing") continue;
            foreach (var definition in turns.Where(other => other.Key.Kind == "CustomResourceDefinition")) Assert.True(definition.Value.CompareTo(turn) < 0, id.Display);
        }
    }, iter: 2000);

    private static (DesiredState State, SyncPlan Plan) Plan(Piece[] world)
    {
        var state = StateOf(world);
        return (state, Plan(world, state));
    }

    private static SyncPlan Plan(Piece[] world, DesiredState state)
    {
        var observed = world.Where(piece => piece.LiveContent >= 0).ToDictionary(IdOf, piece => ObservedObject.From(LiveOf(piece, piece.LiveContent), full: true, health: null));
        var inventory = world.Where(piece => piece.Applied >= 0).ToDictionary(IdOf, piece => new InventoryEntry
        {
            Id = IdOf(piece), ApiVersion = "v1", Uid = UidOf(piece), DesiredHash = HashOf(piece, piece.Applied), Proof = ObjectProof.Of(HashOf(piece, piece.Applied), LiveOf(piece, piece.Applied)),
        });
        return SyncPlanner.Plan(state, inventory, observed.GetValueOrDefault, id => world.Any(piece => IdOf(piece) == id && piece.OfOther) ? "default/shop/other" : null);
    }

    private static bool IsObject(Piece piece) => piece is { Wanted: >= 0, LeftOut: false, Hook: false };

    private static DesiredState StateOf(Piece[] world) => new(
        [.. world.Where(IsObject).Select(piece => new DesiredObject(
            IdOf(piece), "v1", ReadOnlyMemory<byte>.Empty, HashOf(piece, piece.Wanted), new ManifestPosition("f", 0),
            new Dictionary<string, string> { ["argocd.argoproj.io/sync-wave"] = piece.Wave.ToString(CultureInfo.InvariantCulture) })).OrderBy(item => item.Id)], [])
    {
        LeftOut = world.Where(piece => piece.LeftOut || piece is { Hook: true, Wanted: >= 0 }).Select(IdOf).ToHashSet(),
    };

    private static ResourceId IdOf(Piece piece) => Kinds[piece.Kind] switch
    {
        "Namespace" => new("", "Namespace", "", $"s{piece.Space}"),
        "CustomResourceDefinition" => new("apiextensions.k8s.io", "CustomResourceDefinition", "", $"k{piece.Name}.e.com"),
        "Thing" => new("e.com", "Thing", $"s{piece.Space}", $"n{piece.Name}"),
        "Deployment" => new("apps", "Deployment", $"s{piece.Space}", $"n{piece.Name}"),
        "Job" => new("batch", "Job", $"s{piece.Space}", $"n{piece.Name}"),
        var kind => new("", kind, $"s{piece.Space}", $"n{piece.Name}"),
    };

    private static Digest HashOf(Piece piece, int content) => Digest.Of($"{IdOf(piece)} {content}");

    private static string UidOf(Piece piece) => new Guid(0, (short)piece.Kind, (short)piece.Space, [0, 0, 0, 0, 0, 0, 0, (byte)piece.Name]).ToString();

    private static LiveObject LiveOf(Piece piece, int content)
    {
        var id = IdOf(piece);
        return LiveObject.From(JsonElement.Parse($$$"""
            {"metadata":{"name":"{{{id.Name}}}","namespace":"{{{id.Namespace}}}","uid":"{{{UidOf(piece)}}}","resourceVersion":"{{{10 + content}}}","labels":{"gitopsgrains.io/managed":"true"} },"data":{"key":"{{{content}}}"} }
            """), "v1", id.Kind);
    }
}
