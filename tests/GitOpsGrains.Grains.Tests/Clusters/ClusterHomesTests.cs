using GitOpsGrains.Grains.Clusters;

namespace GitOpsGrains.Grains.Tests.Clusters;

/// <summary>Which silo a cluster belongs to.</summary>
public sealed class ClusterHomesTests
{
    private static readonly string[] Clusters = [.. Enumerable.Range(0, 3000).Select(number => $"cluster-{number:0000}")];
    private static readonly string[] Three = ["silo-0", "silo-1", "silo-2"];

    [Fact]
    public void Of_ThreeSilos_GivesEachAboutAThird() =>
        Assert.All(Clusters.CountBy(cluster => HomeOf(cluster, Three)), share => Assert.InRange(share.Value, 900, 1100));

    [Fact]
    public void Of_SilosInAnotherOrder_IsTheSame() =>
        Assert.All(Clusters, cluster => Assert.Equal(HomeOf(cluster, Three), HomeOf(cluster, ["silo-2", "silo-0", "silo-1"])));

    [Fact]
    public void Of_ASiloThatJoins_MovesClustersToItAlone()
    {
        var moved = Clusters.Where(cluster => HomeOf(cluster, Three) != HomeOf(cluster, [.. Three, "silo-3"])).ToArray();

        Assert.InRange(moved.Length, 650, 850);
        Assert.All(moved, cluster => Assert.Equal("silo-3", HomeOf(cluster, [.. Three, "silo-3"])));
    }

    [Fact]
    public void Of_ASiloThatLeaves_MovesItsOwnAlone() =>
        Assert.All(Clusters.Where(cluster => HomeOf(cluster, Three) != "silo-1"), cluster => Assert.Equal(HomeOf(cluster, Three), HomeOf(cluster, ["silo-0", "silo-2"])));

    [Theory]
    [InlineData("eu-1", "silo-2")]
    [InlineData("eu-2", "silo-0")]
    [InlineData("us-1", "silo-0")]
    public void Of_KnownNames_StaysWhatItWas(string cluster, string home) => Assert.Equal(home, HomeOf(cluster, Three));

    private static string HomeOf(string cluster, IReadOnlyList<string> silos) => ClusterHomes.Of(cluster, silos, silo => silo);
}
