using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Grains.Clusters;
using static GitOpsGrains.Grains.Tests.Clusters.ScriptedConnection;

namespace GitOpsGrains.Grains.Tests.Clusters;

/// <summary>Which counts: what the watch shows of an object, or how our own last read or write left it.</summary>
public sealed class ObservationTests
{
    [Theory]
    // The watch has not come to our write yet; it has; somebody wrote after us.
    [InlineData("90", "95", 1, "100")]
    [InlineData("100", "100", 1, "100")]
    [InlineData("105", "95", 1, "105")]
    // Deleted after our write; made by us and not seen yet.
    [InlineData(null, "101", 1, null)]
    [InlineData(null, "99", 1, "100")]
    // Listed from a server that was restored and numbers anew from far above.
    [InlineData("90", "1000000000", 1, "90")]
    // Of another epoch our read says nothing.
    [InlineData("90", "95", 2, "90")]
    [InlineData(null, "95", 2, null)]
    // While it is listed anew, or not watched, the newer of both.
    [InlineData("105", "", 1, "105")]
    [InlineData("90", "", 1, "100")]
    [InlineData("105", "", 2, "100")]
    [InlineData(null, "", 1, "100")]
    public void Current_WatchAndOwnRead_IsTheNewer(string? shown, string through, int epoch, string? expected) =>
        Assert.Equal(expected, new Observation(shown is null ? null : At(shown), through, epoch).Current(At("100"), 1)?.ResourceVersion);

    private static ObservedObject At(string version) => ObservedObject.From(ConfigMap("a", version), full: true, health: null);
}
