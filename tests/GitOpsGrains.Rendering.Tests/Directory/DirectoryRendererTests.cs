using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Manifests;

namespace GitOpsGrains.Rendering.Tests.Directory;

public sealed class DirectoryRendererTests
{
    private static readonly DirectorySpec Recursing = new() { Recurse = true };

    [Fact]
    public async Task Render_OfADirectory_TakesItsYamlAndJson()
    {
        await using var harness = await RenderHarness.StartAsync();
        await harness.Work.WriteAsync("apps/a.yaml", RenderHarness.ConfigMap("a"));
        await harness.Work.WriteAsync("apps/b.yml", RenderHarness.ConfigMap("b") + "---\n" + RenderHarness.ConfigMap("b2"));
        await harness.Work.WriteAsync("apps/c.json", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}}""");
        await harness.Work.WriteAsync("apps/README.md", "no manifest");
        await harness.Work.WriteAsync("apps/empty.yaml", "# nothing\n");
        await harness.Work.WriteAsync("apps/deep/d.yaml", RenderHarness.ConfigMap("d"));
        await harness.Work.WriteAsync("other.yaml", RenderHarness.ConfigMap("other"));
        var commit = await harness.PublishAsync();

        var flat = await harness.RenderAsync(commit, "apps");
        var deep = await harness.RenderAsync(commit, "apps", Recursing);

        Assert.Empty(flat.Faults);
        Assert.Equal(["a", "b", "b2", "c"], flat.Set!.Objects.Select(item => item.Id.Name));
        Assert.Equal(["a.yaml#0", "b.yml#0", "b.yml#1", "c.json#0"], flat.Set.Objects.Select(item => item.Position.ToString()));
        Assert.Equal(["a", "b", "b2", "c", "d"], deep.Set!.Objects.Select(item => item.Id.Name));
        Assert.Equal("deep/d.yaml", deep.Set.Objects[4].Position.File);
    }

    [Theory]
    [InlineData("*.yaml", "", "a,b,x/a,x/c")]
    [InlineData("x/*", "", "x/a,x/c")]
    [InlineData("{a,b}.yaml", "", "a,b")]
    [InlineData("", "x/*", "a,b")]
    [InlineData("*a.yaml", "{x/a.yaml,b.yaml}", "a")]
    [InlineData("nothing", "", "")]
    public async Task Render_WithGlobs_TakesWhatTheyName(string include, string exclude, string expected)
    {
        await using var harness = await RenderHarness.StartAsync();
        foreach (var name in new[] { "a", "b", "x/a", "x/c" })
            await harness.Work.WriteAsync(name + ".yaml", RenderHarness.ConfigMap(name.Replace('/', '-')));
        var commit = await harness.PublishAsync();

        var result = await harness.RenderAsync(commit, "", Recursing with { Include = include, Exclude = exclude });

        Assert.Empty(result.Faults);
        Assert.Equal(expected.Replace('/', '-'), string.Join(',', result.Set!.Objects.Select(item => item.Id.Name)));
    }

    [Fact]
    public async Task Render_OfASingleFile_TakesIt()
    {
        await using var harness = await RenderHarness.StartAsync();
        await harness.Work.WriteAsync("apps/a.yaml", RenderHarness.ConfigMap("a"));
        await harness.Work.WriteAsync("apps/notes.txt", "text");
        var commit = await harness.PublishAsync();

        var result = await harness.RenderAsync(commit, "apps/a.yaml");

        Assert.Equal("a.yaml#0", Assert.Single(result.Set!.Objects).Position.ToString());
        var refused = await harness.RenderAsync(commit, "apps/notes.txt");
        Assert.Null(refused.Set);
        Assert.Equal("notes.txt", Assert.Single(refused.Faults).File);
        var missing = await Assert.ThrowsAsync<GitException>(() => harness.RenderAsync(commit, "nowhere"));
        Assert.Equal(GitErrorKind.PathNotFound, missing.Kind);
    }

    [Fact]
    public async Task Render_AfterACommitToOneOfManyFiles_ReadsAndParsesThatOne()
    {
        await using var harness = await RenderHarness.StartAsync();
        for (var index = 0; index < 50; index++)
            await harness.Work.WriteAsync($"m{index:00}.yaml", RenderHarness.ConfigMap($"m{index:00}"));
        var first = await harness.RenderAsync(await harness.PublishAsync());
        Assert.Equal(50, harness.Mirrors.BlobsRead);

        await harness.Work.WriteAsync("m07.yaml", RenderHarness.ConfigMap("m07", "2"));
        await harness.Work.MoveAsync("m08.yaml", "moved.yaml");
        var second = await harness.RenderAsync(await harness.PublishAsync());

        Assert.Equal(51, harness.Mirrors.BlobsRead);
        Assert.NotEqual(first.Set!.Digest, second.Set!.Digest);
        Assert.Equal("moved.yaml", second.Set.Objects.Single(item => item.Id.Name == "m08").Position.File);
        Assert.Equal(1, first.Set.Objects.Zip(second.Set.Objects).Count(pair => pair.First.Hash != pair.Second.Hash));
    }

    [Fact]
    public async Task Render_WithoutRoomInTheCache_ReadsAgainAndGivesTheSame()
    {
        await using var harness = await RenderHarness.StartAsync(options => options.ParseCacheBytes = 2000);
        for (var index = 0; index < 10; index++)
            await harness.Work.WriteAsync($"m{index}.yaml", RenderHarness.ConfigMap($"m{index}"));
        var commit = await harness.PublishAsync();

        var first = await harness.RenderAsync(commit);
        var second = await harness.RenderAsync(commit);

        Assert.Equal(first.Set!.Digest, second.Set!.Digest);
        Assert.InRange(harness.Mirrors.BlobsRead, 15, 20);
    }

    [Fact]
    public async Task Key_ChangesWithTheTreeAndTheOptions_AndReadsNoFile()
    {
        await using var harness = await RenderHarness.StartAsync();
        await harness.Work.WriteAsync("apps/a.yaml", RenderHarness.ConfigMap("a"));
        var first = await harness.PublishAsync();
        await harness.Work.WriteAsync("elsewhere.yaml", RenderHarness.ConfigMap("e"));
        var second = await harness.PublishAsync();
        await harness.Work.WriteAsync("apps/a.yaml", RenderHarness.ConfigMap("a", "2"));
        var third = await harness.PublishAsync();

        var key = await harness.KeyAsync(first, "apps");
        Assert.Equal(await harness.Work.GitAsync("rev-parse", $"{first}:apps"), key.ReadSet.Digest);
        Assert.Equal(key, await harness.KeyAsync(second, "apps"));
        RenderKey[] others =
        [
            await harness.KeyAsync(third, "apps"),
            await harness.KeyAsync(first, "apps", Recursing),
            await harness.KeyAsync(first, "apps", new DirectorySpec { Include = "*" }),
            await harness.KeyAsync(first, "apps", new DirectorySpec { Exclude = "*" }),
            await harness.KeyAsync(first, "apps/a.yaml"),
        ];
        Assert.Equal(6, others.Append(key).Select(item => item.Value).Distinct().Count());
        // The names in a tree say which kind of source it is, once for each tree.
        Assert.Equal((0, 2), (harness.Mirrors.BlobsRead, harness.Mirrors.TreesListed));
        Assert.Equal(key, (await harness.RenderAsync(second, "apps")).Key);
    }

    [Fact]
    public async Task Render_WithLinksInside_FollowsThem()
    {
        await using var harness = await RenderHarness.StartAsync();
        await harness.Work.WriteAsync("apps/base/a.yaml", RenderHarness.ConfigMap("a"));
        harness.Work.Link("apps/linked.yaml", "base/a.yaml");
        harness.Work.Link("apps/folder.yaml", "base");
        harness.Work.Link("apps/via", "base");
        harness.Work.Link("apps/through.json", "via/../via/c.json");
        await harness.Work.WriteAsync("apps/base/c.json", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}}""");
        var commit = await harness.PublishAsync();

        var result = await harness.RenderAsync(commit, "apps");

        Assert.Empty(result.Faults);
        Assert.Equal([("a", "linked.yaml"), ("c", "through.json")], result.Set!.Objects.Select(item => (item.Id.Name, item.Position.File)));
    }

    [Theory]
    [InlineData("../secret.yaml", "leaves the source's path")]
    [InlineData("../apps/a.yaml", "leaves the source's path")]
    [InlineData("/etc/passwd", "is absolute")]
    [InlineData("missing.yaml", "leads to nothing")]
    [InlineData("link.yaml", "leads in circles")]
    public async Task Render_WithALinkThatCannotBeFollowed_NamesIt(string target, string why)
    {
        await using var harness = await RenderHarness.StartAsync();
        await harness.Work.WriteAsync("secret.yaml", RenderHarness.ConfigMap("secret"));
        await harness.Work.WriteAsync("apps/a.yaml", RenderHarness.ConfigMap("a"));
        harness.Work.Link("apps/link.yaml", target);
        var commit = await harness.PublishAsync();

        var result = await harness.RenderAsync(commit, "apps");

        Assert.Null(result.Set);
        var fault = Assert.Single(result.Faults);
        Assert.Equal("link.yaml", fault.File);
        Assert.Contains(why, fault.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Render_WithAKustomization_SaysWhatToDo()
    {
        await using var harness = await RenderHarness.StartAsync();
        await harness.Work.WriteAsync("a.yaml", RenderHarness.ConfigMap("a"));
        await harness.Work.WriteAsync("kustomization.yaml", "resources: [a.yaml]\n");
        var commit = await harness.PublishAsync();

        var fault = Assert.Single((await harness.RenderAsync(commit, "", new DirectorySpec())).Faults);
        Assert.Equal(
            ("kustomization.yaml", "a kustomization.yaml is not applied by a plain directory source: set kustomize, or exclude it"),
            (fault.File, fault.Reason));
        Assert.Empty((await harness.RenderAsync(commit, "", new DirectorySpec { Exclude = "kustomization.yaml" })).Faults);
    }

    [Fact]
    public async Task Render_OverALimit_NamesTheFileOrTheTotal()
    {
        await using var harness = await RenderHarness.StartAsync();
        await harness.Work.WriteAsync("big.yaml", RenderHarness.ConfigMap("big", new string('x', 2000)));
        await harness.Work.WriteAsync("small.yaml", RenderHarness.ConfigMap("small"));
        var commit = await harness.PublishAsync();

        var file = await harness.RenderAsync(commit, limits: new RenderLimits { MaxFileBytes = 1000 });
        var total = await harness.RenderAsync(commit, limits: new RenderLimits { MaxTotalBytes = 2100 });
        var objects = await harness.RenderAsync(commit, limits: new RenderLimits { MaxObjects = 1 });

        Assert.Equal("big.yaml", Assert.Single(file.Faults).File);
        Assert.Contains("more than the 2100", Assert.Single(total.Faults).Reason, StringComparison.Ordinal);
        Assert.Contains("2 objects", Assert.Single(objects.Faults).Reason, StringComparison.Ordinal);
        Assert.Equal((null, null, null), (file.Set, total.Set, objects.Set));
    }

    [Fact]
    public async Task Render_WithFaultsInSomeFiles_ReportsThemAllAndNoSet()
    {
        await using var harness = await RenderHarness.StartAsync();
        await harness.Work.WriteAsync("a.yaml", RenderHarness.ConfigMap("a"));
        await harness.Work.WriteAsync("b.yaml", "kind: [unclosed\n");
        await harness.Work.WriteAsync("c.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n");
        var commit = await harness.PublishAsync();

        var result = await harness.RenderAsync(commit);
        var again = await harness.RenderAsync(commit);

        Assert.Null(result.Set);
        Assert.Equal(["b.yaml", "c.yaml"], result.Faults.Select(fault => fault.File).Distinct());
        Assert.Equal(result.Faults, again.Faults);
    }

    [Fact]
    public async Task Render_OfTheSameObjectTwice_IsAFault()
    {
        await using var harness = await RenderHarness.StartAsync();
        await harness.Work.WriteAsync("a.yaml", RenderHarness.ConfigMap("same"));
        await harness.Work.WriteAsync("b.yaml", RenderHarness.ConfigMap("same"));
        var commit = await harness.PublishAsync();

        var result = await harness.RenderAsync(commit);

        Assert.Null(result.Set);
        Assert.Equal(("b.yaml", "same"), (Assert.Single(result.Faults).File, result.Faults[0].Object!.Value.Name));
    }

    [Fact]
    public async Task Render_OfADirectoryWithoutManifests_IsAnEmptySet()
    {
        await using var harness = await RenderHarness.StartAsync();
        await harness.Work.WriteAsync("README.md", "nothing to apply");
        var commit = await harness.PublishAsync();

        var result = await harness.RenderAsync(commit);

        Assert.Empty(result.Faults);
        Assert.Empty(result.Set!.Objects);
    }

    [Fact]
    public async Task Render_WithAWrongPattern_SaysWhichOption()
    {
        await using var harness = await RenderHarness.StartAsync();
        await harness.Work.WriteAsync("a.yaml", RenderHarness.ConfigMap("a"));
        var commit = await harness.PublishAsync();

        var result = await harness.RenderAsync(commit, "", new DirectorySpec { Include = "{a" });

        Assert.Equal("directory.include is no pattern: a '{' has no '}'", Assert.Single(result.Faults).Reason);
    }
}
