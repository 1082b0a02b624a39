using System.Text.Json;
using System.Text.Json.Nodes;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.DriftProof;
using GitOpsGrains.Testing;

namespace GitOpsGrains.EndToEnd.Tests.Adopting;

/// <summary>Live applications of other tools come under Git: nothing restarts, and each object is written once.</summary>
public sealed class AdoptionTests(AdoptionTests.Fleet fleet, ITestOutputHelper output) : IClassFixture<AdoptionTests.Fleet>
{
    private const string Kubectl = "kubectl-client-side-apply";

    public static TheoryData<string, string, string, string> Tools => new()
    {
        // manager, operation, the map and name of the mark that it leaves
        { Kubectl, "Update", "annotations", "kubectl.kubernetes.io/last-applied-configuration" },
        { "kubectl", "Apply", "", "" },
        { "argocd-controller", "Update", "annotations", "argocd.argoproj.io/tracking-id" },
        { "argocd-controller", "Apply", "annotations", "argocd.argoproj.io/tracking-id" },
        { "argocd-controller", "Apply", "labels", "app.kubernetes.io/instance" },
        { "kustomize-controller", "Apply", "labels", "kustomize.toolkit.fluxcd.io/name" },
        { "helm", "Update", "annotations", "meta.helm.sh/release-name" },
        { "helm", "Update", "labels", "app.kubernetes.io/managed-by" },
    };

    [Theory]
    [MemberData(nameof(Tools))]
    public async Task Adoption_OfAToolsObjects_WritesEachOnceAndRemovesItsMarks(string manager, string operation, string map, string mark)
    {
        var shop = await Shop.CreateAsync(fleet);
        foreach (var kind in Shop.Kinds)
        {
            var manifest = shop.Manifest(kind);
            if (mark.Length > 0) Shop.Mark(manifest, map, mark, "shop");
            await (operation == "Update" ? shop.CreateAsync(kind, manager, manifest) : shop.ApplyAsync(kind, manager, manifest));
        }
        var running = await shop.RunningAsync();
        var before = await ReadAllAsync(shop);

        await shop.SyncAsync();
        await shop.LookAgainAsync();
        Show(shop, $"{manager} ({operation}, {mark})");

        Assert.Equal([(Shop.Deployment, 1), (Shop.Service, 1), (Shop.ConfigMap, 1)], Shop.Kinds.Select(kind => (kind, shop.Writes(kind))));
        var after = await ReadAllAsync(shop);
        foreach (var kind in Shop.Kinds)
        {
            Assert.Equal(ContentOf(before[kind]), ContentOf(after[kind]));
            if (mark.Length > 0) Assert.Null(after[kind].Mark(map, mark));
            Assert.Equal("true", after[kind].Mark("labels", "gitopsgrains.io/managed"));
            Assert.DoesNotContain(after[kind].GetProperty("metadata").GetProperty("managedFields").EnumerateArray(),
                entry => entry.GetProperty("manager").GetString() == manager);
        }
        Assert.Equal(running, await shop.RunningAsync());
        // Of a Deployment annotations count too: our two are the one change.
        Assert.Equal(Shop.GenerationOf(before[Shop.Deployment]) + 1, Shop.GenerationOf(after[Shop.Deployment]));
        Assert.Empty((await fleet.Api.ApplicationAsync(shop.Application)).Status.Conditions);
    }

    [Theory]
    [InlineData(Kubectl, "Update")]
    [InlineData("argocd-controller", "Apply")]
    public async Task CommitThatDropsFields_AfterAnAdoptionInOneWrite_TakesOneMore(string manager, string operation)
    {
        var shop = await Shop.CreateAsync(fleet);
        foreach (var kind in Shop.Kinds)
        {
            var manifest = shop.Manifest(kind);
            Shop.Annotate(manifest, "argocd.argoproj.io/tracking-id", "shop");
            await (operation == "Update" ? shop.CreateAsync(kind, manager, manifest) : shop.ApplyAsync(kind, manager, manifest));
        }
        await shop.RunningAsync();
        await shop.SyncAsync();

        shop.Change(Shop.ConfigMap, manifest => manifest["data"]!.AsObject().Remove("b"));
        shop.Change(Shop.Service, manifest => manifest["spec"]!["selector"] = JsonNode.Parse("""{"app":"web2"}"""));
        shop.Change(Shop.Deployment, manifest => manifest["metadata"]!.AsObject().Remove("labels"));
        await shop.SyncAsync();
        await shop.LookAgainAsync();
        Show(shop, "after a commit that drops fields");

        Assert.Equal([(Shop.Deployment, 2), (Shop.Service, 2), (Shop.ConfigMap, 2)], Shop.Kinds.Select(kind => (kind, shop.Writes(kind))));
        Assert.Equal("""{"a":"1"}""", (await shop.ReadAsync(Shop.ConfigMap)).GetProperty("data").ToString());
        Assert.Equal("""{"app":"web2"}""", (await shop.ReadAsync(Shop.Service)).GetProperty("spec").GetProperty("selector").ToString());
        Assert.Null((await shop.ReadAsync(Shop.Deployment)).Mark("labels", "team"));
        Assert.Empty((await fleet.Api.ApplicationAsync(shop.Application)).Status.Conditions);
    }

    [Fact]
    public async Task OwnLabelEdited_AfterAnAdoptionInOneWrite_IsPutBack()
    {
        var shop = await Shop.CreateAsync(fleet);
        var config = shop.Manifest(Shop.ConfigMap);
        Shop.Annotate(config, "argocd.argoproj.io/tracking-id", "shop");
        await shop.ApplyAsync(Shop.ConfigMap, "argocd-controller", config);
        await shop.SyncAsync();
        var digest = (await shop.ReadAsync(Shop.ConfigMap)).Mark("annotations", "gitopsgrains.io/digest");

        await fleet.Kube.PatchAsync(shop.PathOf(Shop.ConfigMap), """{"metadata":{"annotations":{"gitopsgrains.io/digest":"rogue"}}}""", manager: "somebody");

        await Eventually.TrueAsync(async () => (await shop.ReadAsync(Shop.ConfigMap)).Mark("annotations", "gitopsgrains.io/digest") == digest, "our annotation put back");
        Assert.Equal(2, shop.Writes(Shop.ConfigMap));
    }

    [Fact]
    public async Task Restart_AfterAnAdoption_WritesAndTriesNothing()
    {
        var shop = await Shop.CreateAsync(fleet);
        foreach (var kind in Shop.Kinds) await shop.CreateAsync(kind, Kubectl, shop.Manifest(kind));
        await shop.RunningAsync();
        await shop.SyncAsync();
        await shop.RunningAsync();
        var before = shop.Requests().Count;

        Assert.Equal(0, await fleet.Silo.StopAsync());
        await fleet.Silo.StartAsync();
        await fleet.Api.WaitAsync(shop.Application, status => status.Sync == "Synced", "Synced after a restart");
        await shop.LookAgainAsync();

        Assert.DoesNotContain(shop.Requests().Skip(before), request => request.Verb != "get");
    }

    [Fact]
    public async Task Adoption_OfFieldsThatGitLacks_RemovesThem()
    {
        var shop = await Shop.CreateAsync(fleet);
        var (config, web) = (shop.Manifest(Shop.ConfigMap), shop.Manifest(Shop.Deployment));
        config["data"]!["extra"] = "x";
        web["metadata"]!["labels"]!["extra"] = "x";
        await shop.CreateAsync(Shop.ConfigMap, Kubectl, config);
        await shop.CreateAsync(Shop.Deployment, Kubectl, web);
        await shop.CreateAsync(Shop.Service, Kubectl, shop.Manifest(Shop.Service));
        var running = await shop.RunningAsync();

        await shop.SyncAsync();
        await shop.LookAgainAsync();
        Show(shop, "with more than Git has");

        Assert.Equal("""{"a":"1","b":"2"}""", (await shop.ReadAsync(Shop.ConfigMap)).GetProperty("data").ToString());
        Assert.Null((await shop.ReadAsync(Shop.Deployment)).Mark("labels", "extra"));
        Assert.Equal(running, await shop.RunningAsync());
        Assert.Equal([(Shop.Deployment, 1), (Shop.Service, 1), (Shop.ConfigMap, 1)], Shop.Kinds.Select(kind => (kind, shop.Writes(kind))));
        Assert.Empty((await fleet.Api.ApplicationAsync(shop.Application)).Status.Conditions);
    }

    [Fact]
    public async Task Adoption_OfOtherValuesAndFieldsThatGitLacks_TakesOneWrite()
    {
        var shop = await Shop.CreateAsync(fleet);
        var config = shop.Manifest(Shop.ConfigMap);
        config["data"] = JsonNode.Parse("""{"a":"old","gone":"x"}""");
        await shop.CreateAsync(Shop.ConfigMap, Kubectl, config);
        var web = shop.Manifest(Shop.Deployment);
        web["spec"]!["template"]!["spec"]!["affinity"] = JsonNode.Parse("""{"nodeAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":1,"preference":{"matchExpressions":[{"key":"a","operator":"Exists"}]}}]}}""");
        web["spec"]!["template"]!["spec"]!["containers"]![0]!["env"]!.AsArray().Add(JsonNode.Parse("""{"name":"GONE","value":"1"}"""));
        await shop.CreateAsync(Shop.Deployment, Kubectl, web);

        await shop.SyncAsync();
        await shop.LookAgainAsync();
        Show(shop, "with other values");

        Assert.Equal((1, 1), (shop.Writes(Shop.ConfigMap), shop.Writes(Shop.Deployment)));
        Assert.Equal("""{"a":"1","b":"2"}""", (await shop.ReadAsync(Shop.ConfigMap)).GetProperty("data").ToString());
        var pod = (await shop.ReadAsync(Shop.Deployment)).GetProperty("spec").GetProperty("template").GetProperty("spec");
        Assert.False(pod.TryGetProperty("affinity", out _));
        Assert.Equal(["MODE", "OLD"], pod.GetProperty("containers")[0].GetProperty("env").EnumerateArray().Select(item => item.GetProperty("name").GetString()));
        Assert.Empty((await fleet.Api.ApplicationAsync(shop.Application)).Status.Conditions);
    }

    [Fact]
    public async Task Adoption_OfAScaledDeployment_LeavesItsReplicas()
    {
        var shop = await Shop.CreateAsync(fleet);
        shop.Change(Shop.Deployment, manifest => manifest["spec"]!.AsObject().Remove("replicas"));
        await shop.CreateAsync(Shop.Deployment, Kubectl, shop.Manifest(Shop.Deployment));
        await fleet.Kube.PatchAsync($"{shop.PathOf(Shop.Deployment)}/scale", """{"spec":{"replicas":3}}""", manager: "kubectl");

        await shop.SyncAsync();

        Assert.Equal(3, (await shop.ReadAsync(Shop.Deployment)).GetProperty("spec").GetProperty("replicas").GetInt32());
    }

    [Fact]
    public async Task Adoption_WhereNothingNewMayBeMade_WritesEachObjectOnce()
    {
        var shop = await Shop.CreateAsync(fleet);
        foreach (var kind in Shop.Kinds) await shop.CreateAsync(kind, Kubectl, shop.Manifest(kind));
        var running = await shop.RunningAsync();
        await shop.ForbidMoreAsync();

        await shop.SyncAsync();
        await shop.LookAgainAsync();
        Show(shop, "with a quota that is used up");

        Assert.Equal([(Shop.Deployment, 1), (Shop.Service, 1), (Shop.ConfigMap, 1)], Shop.Kinds.Select(kind => (kind, shop.Writes(kind))));
        Assert.Equal(running, await shop.RunningAsync());
        Assert.Empty((await fleet.Api.ApplicationAsync(shop.Application)).Status.Conditions);
    }

    [Theory]
    [InlineData(Kubectl)]
    [InlineData("helm")]
    public async Task CommitThatDropsFields_AfterAnAdoption_RemovesThem(string manager)
    {
        var shop = await Shop.CreateAsync(fleet);
        foreach (var kind in Shop.Kinds) await shop.CreateAsync(kind, manager, shop.Manifest(kind));
        await shop.RunningAsync();
        await shop.SyncAsync();
        // What somebody adds beside ours is kept by nobody against Git.
        await fleet.Kube.PatchAsync(shop.PathOf(Shop.ConfigMap), """{"metadata":{"labels":{"theirs":"x"}}}""", manager: "operator");

        shop.Change(Shop.ConfigMap, manifest => manifest["data"]!.AsObject().Remove("b"));
        shop.Change(Shop.Deployment, manifest => manifest["spec"]!["template"]!["spec"]!["containers"]![0]!["env"]!.AsArray().RemoveAt(1));
        await shop.SyncAsync();
        await shop.LookAgainAsync();
        Show(shop, "after a commit that drops fields");

        Assert.Equal("""{"a":"1"}""", (await shop.ReadAsync(Shop.ConfigMap)).GetProperty("data").ToString());
        Assert.Equal("x", (await shop.ReadAsync(Shop.ConfigMap)).Mark("labels", "theirs"));
        var container = (await shop.ReadAsync(Shop.Deployment)).GetProperty("spec").GetProperty("template").GetProperty("spec").GetProperty("containers")[0];
        Assert.Equal("""[{"name":"MODE","value":"fast"}]""", container.GetProperty("env").ToString());
        Assert.Equal([(Shop.Deployment, 2), (Shop.Service, 1), (Shop.ConfigMap, 2)], Shop.Kinds.Select(kind => (kind, shop.Writes(kind))));
        Assert.Empty((await fleet.Api.ApplicationAsync(shop.Application)).Status.Conditions);
    }

    [Fact]
    public async Task PathThatAnotherManagerKeeps_AfterARestart_IsSaidUntilHeLetsGo()
    {
        const string Theirs = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"web"},"data":{"b":"2"}}""";
        var shop = await Shop.CreateAsync(fleet);
        await shop.SyncAsync();
        await shop.ApplyAsync(Shop.ConfigMap, "operator", JsonNode.Parse(Theirs)!);
        shop.Change(Shop.ConfigMap, manifest => manifest["data"]!.AsObject().Remove("b"));
        await shop.SyncAsync(IsKept);

        Assert.Equal(0, await fleet.Silo.StopAsync());
        await fleet.Silo.StartAsync();
        await fleet.Api.WaitAsync(shop.Application, IsKept, "the same after a restart");
        await shop.ApplyAsync(Shop.ConfigMap, "operator", JsonNode.Parse(Theirs.Replace("\"b\":\"2\"", "", StringComparison.Ordinal))!);

        await fleet.Api.WaitAsync(shop.Application, status => status.Sync == "Synced" && status.Conditions.Count == 0, "Synced");
        Assert.Equal("""{"a":"1"}""", (await shop.ReadAsync(Shop.ConfigMap)).GetProperty("data").ToString());

        static bool IsKept(ApplicationStatusView status) =>
            status.Sync == "OutOfSync" && status.Conditions is [{ Type: "KeptByOther", Message: "local: .data.b left Git but is kept by operator" }];
    }

    private static async Task<Dictionary<string, JsonElement>> ReadAllAsync(Shop shop)
    {
        var all = new Dictionary<string, JsonElement>();
        foreach (var kind in Shop.Kinds) all[kind] = await shop.ReadAsync(kind);
        return all;
    }

    private static string ContentOf(JsonElement live) => live.TryGetProperty("spec", out var spec) ? spec.GetRawText() : live.GetProperty("data").GetRawText();

    private void Show(Shop shop, string what)
    {
        foreach (var kind in Shop.Kinds) output.WriteLine($"{what}: {kind}: {string.Join(", ", shop.Requests(kind).Select(request => request.ToString()))}");
    }

    public sealed class Fleet() : DriftFleet(controllers: true);
}
