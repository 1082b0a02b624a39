using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Grains.Targets;

namespace GitOpsGrains.Grains.Tests.Targets;

/// <summary>When a new desired state has to be stored before anything else.</summary>
public sealed class TargetStateTests
{
    private static readonly TargetDesired Newer = new() { Sequence = 8, PolicySequence = 5 };

    private readonly TargetState _state = new() { Desired = new TargetDesired { Sequence = 7, PolicySequence = 5 } };

    [Fact]
    public void MayStoreLater_RevisionAlone_Is() => Assert.True(_state.MayStoreLater(Newer));

    [Fact]
    public void MayStoreLater_OtherPolicy_IsNot() => Assert.False(_state.MayStoreLater(Newer with { PolicySequence = 8 }));

    [Fact]
    public void MayStoreLater_PolicyNotTold_IsNot()
    {
        _state.Desired = _state.Desired! with { PolicySequence = 0 };

        Assert.False(_state.MayStoreLater(Newer with { PolicySequence = 0 }));
    }

    [Fact]
    public void MayStoreLater_First_IsNot() => Assert.False(new TargetState().MayStoreLater(Newer));

    [Fact]
    public void MayStoreLater_TakesBackARelease_IsNot()
    {
        _state.Releasing = new ReleaseIntent();

        Assert.False(_state.MayStoreLater(Newer));
    }

    [Fact]
    public void MayStoreLater_AfterARelease_IsNot()
    {
        _state.Released = true;

        Assert.False(_state.MayStoreLater(Newer));
    }

    [Fact]
    public void PastSets_OfManySyncs_AreTheNewestOfEachOnce()
    {
        List<PastSet> past = [];
        for (var number = 0; number < 15; number++) past = PastSet.With(past, Good($"c{number}", $"k{number}"));
        past = PastSet.With(past, Good("c14", "k14-again"));
        past = PastSet.With(past, Good("c9", "k9-again"));

        Assert.Equal(["c9 k9-again", "c14 k14-again", "c13 k13", "c12 k12", "c11 k11", "c10 k10", "c8 k8", "c7 k7", "c6 k6", "c5 k5"], past.Select(set => $"{set.Commit} {set.ManifestKey}"));
    }

    [Fact]
    public void PastSets_OfASetThatTheStoreLost_AreAsBefore()
    {
        var past = PastSet.With([], Good("c1", "k1"));

        Assert.Same(past, PastSet.With(past, Good("c2", null)));
    }

    private static LastGoodSet Good(string commit, string? key) => new() { Commit = commit, ManifestKey = key, SetDigest = Abstractions.Identity.Digest.Of(commit), Namespace = "web" };
}
