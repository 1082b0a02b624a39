using System.Text;
using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Grains.Targets;

namespace GitOpsGrains.Grains.Tests.Targets;

/// <summary>Pages of manifests: none is left out, none is told twice, and none is too large for a call.</summary>
public sealed class ManifestPagesTests
{
    private const string NoToken = "continue: this is no token of a page before";

    [Fact]
    public void Of_SmallManifests_AreCutByTheLimit()
    {
        var set = SetOf([.. Enumerable.Range(0, 7).Select(number => Manifest($"m{number}", 10))]);

        var pages = All(set, limit: 3);

        Assert.Equal([3, 3, 1], pages.Select(page => page.Items.Count));
        Assert.Equal(Enumerable.Range(0, 7).Select(number => $"/ConfigMap:/m{number}"), pages.SelectMany(page => page.Items).Select(item => item.Object));
        Assert.All(pages, page => Assert.Equal((7, "eu-1", "c0"), (page.Total, page.Cluster, page.Revision)));
    }

    [Fact]
    public void Of_LargeManifests_AreCutByTheirBytes()
    {
        var set = SetOf([.. Enumerable.Range(0, 4).Select(number => Manifest($"m{number}", ManifestPages.MaxPageBytes * 2 / 5))]);

        Assert.Equal([2, 2], All(set, limit: 500).Select(page => page.Items.Count));
    }

    [Fact]
    public void Of_AManifestThatIsLargerThanAPage_HasOneOfItsOwn()
    {
        var set = SetOf(Manifest("a", 10), Manifest("b", ManifestPages.MaxPageBytes + 1), Manifest("c", 10));

        Assert.Equal(["a", "b", "c"], All(set, limit: 500).Select(page => Assert.Single(page.Items).Object.Split('/')[^1]));
    }

    [Fact]
    public void Of_AManifestThatIsTooLarge_IsNamedAndNotShown()
    {
        var large = Manifest("b", ManifestPages.MaxObjectBytes);

        var page = Assert.Single(All(SetOf(Manifest("a", 10), large), limit: 500));

        Assert.NotNull(page.Items[0].Manifest);
        Assert.Equal((null, $"it has {large.Json.Length} bytes, and more than {ManifestPages.MaxObjectBytes} are not shown"), (page.Items[1].Manifest, page.Items[1].Omitted));
    }

    [Theory]
    [InlineData("")]
    [InlineData("7")]
    [InlineData("-0123456789abcdef")]
    [InlineData("-1-0123456789abcdef")]
    [InlineData("99999999999-0123456789abcdef")]
    [InlineData("1-0123")]
    public void Of_ATokenThatIsNone_IsInvalid(string token) => Assert.Equal((RefusalKind.Invalid, NoToken), Refused(SetOf(Manifest("a", 10)), token));

    [Fact]
    public void Of_ATokenOfAnotherSet_IsAConflict()
    {
        var before = All(SetOf(Manifest("a", 10), Manifest("b", 10)), limit: 1)[0];

        Assert.Equal((RefusalKind.Conflict, "the manifests have changed since the page before; begin with the first one"), Refused(SetOf(Manifest("a", 11), Manifest("b", 10)), before.Continue!));
    }

    [Fact]
    public void Of_ATokenBehindTheEnd_IsAnEmptyLastPage()
    {
        var set = SetOf(Manifest("a", 10), Manifest("b", 10));
        var token = All(set, limit: 1)[0].Continue!.Replace("1-", "2000000000-", StringComparison.Ordinal);

        var page = ManifestPages.Of("eu-1", "c0", set, "web", new ManifestsQuery { Limit = 5, After = token }, []);

        Assert.Equal((0, null, 2), (page.Items.Count, page.Continue, page.Total));
    }

    private static (RefusalKind, string) Refused(ManifestSet set, string token)
    {
        var refused = Assert.Throws<GrainRefusedException>(() => ManifestPages.Of("eu-1", "c0", set, "web", new ManifestsQuery { Limit = 1, After = token }, []));
        return (refused.Kind, refused.Message);
    }

    private static List<ManifestsView> All(ManifestSet set, int limit)
    {
        var pages = new List<ManifestsView>();
        do pages.Add(ManifestPages.Of("eu-1", "c0", set, "web", new ManifestsQuery { Limit = limit, After = pages.LastOrDefault()?.Continue }, []));
        while (pages[^1].Continue is not null);
        return pages;
    }

    private static ManifestSet SetOf(params ManifestObject[] objects) => ManifestSets.Combine(objects).Set!;

    private static ManifestObject Manifest(string name, int size)
    {
        var json = Encoding.UTF8.GetBytes($$"""{"data":{"v":"{{new string('x', size)}}"},"metadata":{"name":"{{name}}"} }""");
        return new ManifestObject(new ResourceId("", "ConfigMap", "", name), "v1", json, Digest.Of(json), new ManifestPosition("a.yaml", 0));
    }
}
