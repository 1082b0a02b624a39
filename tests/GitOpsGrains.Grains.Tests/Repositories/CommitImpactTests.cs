using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Grains.Repositories;

namespace GitOpsGrains.Grains.Tests.Repositories;

/// <summary>Which applications a poll's commits leave alone.</summary>
public sealed class CommitImpactTests
{
    private readonly Dictionary<string, string> _newest = new(StringComparer.Ordinal) { ["main"] = "m2", ["stable"] = "s1" };
    private readonly List<(string From, string To)> _compared = [];
    private readonly CommitImpact _impact;

    public CommitImpactTests() => _impact = new CommitImpact(query => _newest.GetValueOrDefault(query.Reference), (from, to) =>
    {
        _compared.Add((from, to));
        // Of a commit that is gone nothing can be told.
        return Task.FromResult(from == "gone" ? null : new ChangedPaths([new TreeChange("apps", true, "1", "2"), new TreeChange("apps/web", true, "1", "2")]));
    });

    [Fact]
    public async Task Judge_OfManyApplications_ComparesEachPairOfCommitsOnce()
    {
        foreach (var index in Enumerable.Range(0, 100))
        {
            var impact = await _impact.JudgeAsync(Reading([$"apps/app-{index}"], ("main", "m1"), ("stable", "s1")));
            Assert.Equal((ImpactKind.Spared, "m2", "s1"), (impact.Kind, impact.At.Sources[0].Commit, impact.At.Sources[1].Commit));
        }

        Assert.Equal([("m1", "m2")], _compared);
    }

    [Fact]
    public async Task Judge_WhereWhatIsReadChanged_IsUnclear_WithTheNewCommits()
    {
        _newest["stable"] = "s2";

        var impact = await _impact.JudgeAsync(Reading(["apps/web"], ("main", "m1"), ("stable", "s1")));

        Assert.Equal(ImpactKind.Unclear, impact.Kind);
        Assert.Equal(["m2", "s2"], impact.Commits);
    }

    [Theory]
    [InlineData("m1", null)]
    [InlineData("gone", "apps/other")]
    public async Task Judge_WhereNothingCanBeTold_IsUnclear(string before, string? reads)
    {
        var impact = await _impact.JudgeAsync(Reading(reads is null ? null : [reads], ("main", before)));

        Assert.Equal(ImpactKind.Unclear, impact.Kind);
    }

    [Theory]
    [InlineData("main", "m2")]
    [InlineData("deleted", "d1")]
    public async Task Judge_WhereNoRefMoved_LeavesItAsItIs(string reference, string commit)
    {
        var subscription = Reading(["apps/web"], (reference, commit));

        var impact = await _impact.JudgeAsync(subscription);

        Assert.Equal(ImpactKind.Unmoved, impact.Kind);
        Assert.Same(subscription.Subject, impact.At);
        Assert.Empty(_compared);
    }

    private static Subscription Reading(IReadOnlyList<string>? paths, params (string Ref, string Commit)[] sources) => new Subscriptions().Register(
        "default/web", "fleet", new RenderSubject
        {
            Sources = [.. sources.Select(source => new PinnedSource { Source = new SourceSpec { Repository = "fleet", Ref = source.Ref, Path = "apps" }, Commit = source.Commit })],
        }, "tree", paths);
}
