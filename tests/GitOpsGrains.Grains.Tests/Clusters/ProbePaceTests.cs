using GitOpsGrains.Grains.Clusters;

namespace GitOpsGrains.Grains.Tests.Clusters;

public sealed class ProbePaceTests
{
    [Theory]
    [InlineData(1, 10)]
    [InlineData(333, 10)]
    [InlineData(1000, 30)]
    [InlineData(5000, 60)]
    public void Of_ManyClusters_AreLookedAtLessOftenWhileTheyAreReady(int clusters, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), ProbePace.Of(clusters, inVain: 0));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(4, 8)]
    [InlineData(5, 10)]
    [InlineData(int.MaxValue, 10)]
    public void Of_ClusterThatIsAway_IsLookedAtSoonAndThenEachTenSeconds(int inVain, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), ProbePace.Of(5000, inVain));
}
