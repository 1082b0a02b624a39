using GitOpsGrains.Grains.Clusters;

namespace GitOpsGrains.Grains.Tests.Clusters;

public sealed class ProbePaceTests
{
    [Theory]
    [InlineData(1, true, 10)]
    [InlineData(333, true, 10)]
    [InlineData(1000, true, 30)]
    [InlineData(5000, true, 60)]
    [InlineData(5000, false, 10)]
    public void Of_ManyClusters_AreLookedAtLessOftenWhileTheyAreReady(int clusters, bool isReady, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), ProbePace.Of(clusters, isReady));
}
