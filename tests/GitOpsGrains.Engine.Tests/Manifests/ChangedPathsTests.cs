using System.Diagnostics;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Engine.Manifests;

namespace GitOpsGrains.Engine.Tests.Manifests;

/// <summary>Whom a commit concerns.</summary>
public sealed class ChangedPathsTests
{
    private static readonly ChangedPaths Changes = new(
        [new("", true, "1", "2"), new("apps", true, "1", "2"), new("apps/web", true, "1", "2"), new("apps/web/values.yaml", false, "1", "2"), new("base/new.yaml", false, "", "2")]);

    [Theory]
    [InlineData("", true)]
    [InlineData("apps", true)]
    [InlineData("apps/web", true)]
    [InlineData("apps/web/values.yaml", true)]
    [InlineData("apps/web/chart.yaml", false)]
    [InlineData("apps/webs", false)]
    [InlineData("base/new.yaml", true)]
    public void Touches_OnePath_IsTrueWhereItsEntryDiffers(string path, bool expected) => Assert.Equal(expected, Changes.Touches([path]));

    [Theory]
    [InlineData("", "")]
    [InlineData(".", "")]
    [InlineData("./apps//web/", "apps/web")]
    public void Normal_IsThePathAsGitNamesIt(string path, string expected) => Assert.Equal(expected, ChangedPaths.Normal(path));

    [Theory]
    [InlineData("apps/web/a.yaml", "apps/web", true)]
    [InlineData("apps/web", "apps/web", true)]
    [InlineData("apps/web-2/a.yaml", "apps/web", false)]
    [InlineData("apps/web/a.yaml", "", true)]
    public void IsWithin_IsTrueForThePathAndWhatIsBelow(string file, string path, bool expected) => Assert.Equal(expected, ChangedPaths.IsWithin(file, path));

    [Fact]
    public void Touches_OfAThousandApplications_TakesFarLessThanTwoMicrosecondsEach()
    {
        var reads = Enumerable.Range(0, 1000).Select(index => (IReadOnlyList<string>)[$"apps/app-{index:0000}", $"bases/{index % 7}/kustomization.yaml"]).ToArray();
        _ = reads.Count(Changes.Touches);
        var began = Stopwatch.GetTimestamp();

        var touched = 0;
        for (var round = 0; round < 100; round++) touched += reads.Count(Changes.Touches);

        Assert.Equal(0, touched);
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalMicroseconds / 100_000, 0, 2);
    }
}
