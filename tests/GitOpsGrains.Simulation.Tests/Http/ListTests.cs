using System.Text;
using CsCheck;
using GitOpsGrains.Simulation.Clusters;

namespace GitOpsGrains.Simulation.Tests.Http;

/// <summary>Lists in pages, which are all of one moment.</summary>
public sealed class ListTests(SimulationStage stage)
{
    [Fact]
    public async Task Pages_AreOfTheMomentOfTheFirst_WhateverChangesMeanwhile()
    {
        using var cluster = stage.NewCluster();
        foreach (var name in (string[])["a", "b", "c", "d", "e"]) await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap(name));

        var first = (await cluster.GetAsync($"{Sample.ConfigMaps}?limit=2")).Ok();
        await cluster.DeleteAsync($"{Sample.ConfigMaps}/d");
        await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap("bb"));
        await cluster.PatchAsync($"{Sample.ConfigMaps}/c", """{"data":{"key":"new"}}""", SimulatedUserClient.MergePatch);
        var second = (await cluster.GetAsync($"{Sample.ConfigMaps}?limit=2&continue={Token(first)}")).Ok();
        var third = (await cluster.GetAsync($"{Sample.ConfigMaps}?limit=2&continue={Token(second)}")).Ok();

        Assert.Equal("a b|c d|e", string.Join('|', new[] { first, second, third }.Select(static page => string.Join(' ', page.Names()))));
        Assert.Equal("value", second.Json.GetProperty("items")[0].GetProperty("data").GetProperty("key").GetString());
        Assert.Equal([first.Version, first.Version], [second.Version, third.Version]);
        Assert.Null(Token(third));
        Assert.Equal(["a", "b", "bb", "c", "e"], (await cluster.GetAsync(Sample.ConfigMaps)).Names());
    }

    [Fact]
    public async Task Continue_OfWhatIsNoLongerKnown_Is410()
    {
        using var cluster = stage.NewCluster();
        foreach (var name in (string[])["a", "b", "c"]) await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap(name));
        var first = await cluster.GetAsync($"{Sample.ConfigMaps}?limit=1");
        await cluster.DeleteAsync($"{Sample.ConfigMaps}/c");
        cluster.Cluster.Compact();

        var refused = await cluster.GetAsync($"{Sample.ConfigMaps}?limit=1&continue={Token(first)}");

        Assert.Equal((410, "Expired"), (refused.Status, refused.Json.GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task Pages_OfSelectedObjects_AreFullAndEndWithoutAToken()
    {
        using var cluster = stage.NewCluster();
        for (var number = 0; number < 9; number++) await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap($"m{number}", $$""","labels":{"odd":"{{number % 2}}"}"""));

        var first = await cluster.GetAsync($"{Sample.ConfigMaps}?limit=2&labelSelector=odd%3D1");
        var second = await cluster.GetAsync($"{Sample.ConfigMaps}?limit=2&labelSelector=odd%3D1&continue={Token(first)}");

        Assert.Equal("m1 m3|m5 m7", $"{string.Join(' ', first.Names())}|{string.Join(' ', second.Names())}");
        Assert.Null(Token(second));
    }

    [Fact]
    public async Task Exact_IsTheListOfThatVersion()
    {
        using var cluster = stage.NewCluster();
        await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap("a"));
        var version = (await cluster.GetAsync(Sample.ConfigMaps)).Version;
        await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap("b"));

        Assert.Equal(["a"], (await cluster.GetAsync($"{Sample.ConfigMaps}?resourceVersion={version}&resourceVersionMatch=Exact")).Names());
        Assert.Equal(["a", "b"], (await cluster.GetAsync($"{Sample.ConfigMaps}?resourceVersion={version}&resourceVersionMatch=NotOlderThan")).Names());
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("e30")]
    [InlineData("W10")]
    [InlineData("bnVsbA")]
    [InlineData("eyJydiI6ImEiLCJzdGFydCI6ImEifQ")]
    [InlineData("eyJydiI6OTk5OTk5OTk5OTk5OTk5OTk5OTk5LCJzdGFydCI6ImEifQ")]
    [InlineData("%00")]
    public async Task Continue_ThatIsNoToken_Is400(string token)
    {
        using var cluster = stage.NewCluster();

        Assert.Equal(400, (await cluster.GetAsync($"{Sample.ConfigMaps}?continue={token}")).Status);
    }

    [Theory]
    [InlineData("limit=many")]
    [InlineData("resourceVersion=-1")]
    [InlineData("resourceVersion=99999999999999999999")]
    [InlineData("labelSelector=%3D%3D")]
    [InlineData("labelSelector=a in (b")]
    [InlineData("fieldSelector=a")]
    [InlineData("fieldSelector=%3Da")]
    public async Task Query_ThatIsNone_Is400(string query)
    {
        using var cluster = stage.NewCluster();

        Assert.Equal(400, (await cluster.GetAsync($"{Sample.ConfigMaps}?{query}")).Status);
    }

    /// <summary>Names sort as texts of "namespace/name", where '-' and '.' come before '/'.</summary>
    [Fact]
    public void AllPages_TogetherAreTheListAsItWas() =>
        Gen.Select(Gens.AnyOf("a", "a-b", "a.b", "ab", "b").Array[1, 40], Gens.AnyOf("x", "x-1", "x.1", "y", "z").Array[40], Gen.Int[1, 7], Gen.Int[0, 5].Array[0, 6])
            .Sample((spaces, names, limit, changes) =>
            {
                var store = new ClusterStore(1000);
                var kind = store.Kinds.Find("", "v1", "configmaps")!;
                var objects = store.Of(kind);
                foreach (var (space, name) in spaces.Zip(names)) Touch(store, space, name);
                var before = objects.Objects.Select(static stored => $"{stored.Namespace}/{stored.Name} {stored.Version}").ToList();
                Assert.Equal(before.Select(static line => line.Split(' ')[0]).Order(StringComparer.Ordinal), before.Select(static line => line.Split(' ')[0]));
                var version = store.Version;
                foreach (var change in changes)
                {
                    if (objects.Count == 0) break;
                    var stored = objects.Objects[change % objects.Count];
                    if (change % 2 == 0) store.Delete(kind, stored);
                    else Touch(store, stored.Namespace, stored.Name);
                    Touch(store, "new", $"n{change}");
                }

                List<string> seen = [];
                for (string? after = null; ;)
                {
                    var page = objects.At(version, store.Version, "", after).Take(limit).ToList();
                    seen.AddRange(page.Select(static stored => $"{stored.Namespace}/{stored.Name} {stored.Version}"));
                    if (page.Count < limit) break;
                    after = ResourceCollection.Key(page[^1].Namespace, page[^1].Name, "") + "\0";
                }

                Assert.Equal(before, seen);
            });

    private static void Touch(ClusterStore store, string space, string name)
    {
        var kind = store.Kinds.Find("", "v1", "configmaps")!;
        var node = (Simulation.Json.JsonObject)Simulation.Json.JsonNode.Parse(Encoding.UTF8.GetBytes($$$"""{"metadata":{"name":"{{{name}}}","namespace":"{{{space}}}"}}"""))!;
        store.Put(kind, node, store.Of(kind).Find(space, name));
    }

    private static string? Token(Answer page) => page.Json.GetProperty("metadata").TryGetProperty("continue", out var token) ? token.GetString() : null;
}
