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
}
