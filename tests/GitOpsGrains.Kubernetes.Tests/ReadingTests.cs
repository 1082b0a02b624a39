using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Testing.Kubernetes;
using static GitOpsGrains.Kubernetes.Tests.KubernetesFixture;

namespace GitOpsGrains.Kubernetes.Tests;

/// <summary>The same on the real server and on the simulation.</summary>
public abstract class ReadingTests(IKubernetesStage fixture)
{
    [Fact]
    public async Task ReadServer_OfAReadyServer_TellsVersionAndIdentity()
    {
        await using var connection = await fixture.ConnectAsync();

        var answer = await connection.ReadServerAsync(default);

        var system = await fixture.Client.GetJsonAsync("/api/v1/namespaces/kube-system");
        Assert.Equal(new ServerInfo(fixture.Version, system.GetProperty("metadata").GetProperty("uid").GetString()!), answer.Value);
    }

    [Fact]
    public async Task Get_OfAMissingObject_IsNotFound()
    {
        await using var connection = await fixture.ConnectAsync();

        var answer = await connection.GetAsync(ConfigMaps, ConfigMap("default", "missing"), default);

        Assert.Equal(ClusterErrorKind.NotFound, answer.Error?.Kind);
        Assert.Null(connection.Status.LastError);
    }

    [Fact]
    public async Task List_InPages_ReturnsEachObjectOnce()
    {
        await using var connection = await fixture.ConnectAsync();
        var space = await fixture.NewNamespaceAsync();
        for (var number = 0; number < 7; number++) await CreateAsync(connection, space, $"item-{number}", ",\"labels\":{\"page\":\"yes\"}");
        await CreateAsync(connection, space, "other", "");
        List<ObjectPage> pages = [];

        string? next = null;
        do
        {
            var page = (await connection.ListAsync(ConfigMaps, new ListQuery(space, "page=yes", false, 3, next), default)).Value!;
            pages.Add(page);
            next = page.Continue;
        }
        while (next is not null);

        Assert.Equal([3, 3, 1], pages.Select(page => page.Objects.Count));
        Assert.Equal(Enumerable.Range(0, 7).Select(number => $"item-{number}"), pages.SelectMany(page => page.Objects).Select(live => live.Id.Name));
        Assert.All(pages.SelectMany(page => page.Objects), live => Assert.Equal("v", Data(live, "key")));
        Assert.All(pages, page => Assert.Equal(pages[0].ResourceVersion, page.ResourceVersion));
    }

    [Fact]
    public async Task List_OfMetadataOnly_HasManagedFieldsAndNoContent()
    {
        await using var connection = await fixture.ConnectAsync();
        var space = await fixture.NewNamespaceAsync();
        await CreateAsync(connection, space, "a", "");

        var page = (await connection.ListAsync(ConfigMaps, new ListQuery(space, null, true, 10, null), default)).Value!;

        var live = Assert.Single(page.Objects);
        Assert.Equal(ConfigMap(space, "a"), live.Id);
        Assert.False(live.Root.TryGetProperty("data", out _));
        Assert.Equal(1, live.Metadata.GetProperty("managedFields").GetArrayLength());
    }

    [Fact]
    public async Task List_OfEvents_ByTheUidOfAnObject_FindsItsOwnOnly()
    {
        await using var connection = await fixture.ConnectAsync();
        var space = await fixture.NewNamespaceAsync();
        foreach (var (name, about) in new[] { ("one", "u-1"), ("two", "u-2"), ("three", "u-1") }) await fixture.Client.PostAsync($"/api/v1/namespaces/{space}/events", $$$"""
            {"apiVersion":"v1","kind":"Event","metadata":{"name":"{{{name}}}"},"reason":"Tried","message":"{{{name}}}","type":"Normal","count":3,
             "involvedObject":{"apiVersion":"v1","kind":"ConfigMap","namespace":"{{{space}}}","name":"a","uid":"{{{about}}}"},"lastTimestamp":"2026-01-02T03:04:05Z"}
            """);
        var events = (await connection.DiscoverAsync(fresh: false, default)).Value!.Find("", "Event")!;

        var page = (await connection.ListAsync(events, new ListQuery(space, null, false, 10, null) { FieldSelector = "involvedObject.uid=u-1" }, default)).Value!;

        Assert.Contains("list", events.Verbs);
        Assert.Equal(["one", "three"], page.Objects.Select(live => live.Id.Name).Order());
        var read = LiveEvent.From(page.Objects[0]);
        Assert.Equal((ConfigMap(space, "a"), "u-1", "Tried", 3, new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero)), (read.About, read.Uid, read.Reason, read.Count, read.Last));
    }

    [Fact]
    public async Task List_OfEvents_ByAUserWithoutRights_IsForbidden()
    {
        await using var connection = await fixture.ConnectAsync("nobody");
        var events = new ApiResource("", "v1", "Event", "events", true, new HashSet<string> { "list" });

        var answer = await connection.ListAsync(events, new ListQuery("default", null, false, 10, null), default);

        Assert.Equal(ClusterErrorKind.Forbidden, answer.Error?.Kind);
        Assert.Contains("events", answer.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_OfAllNamespaces_FindsObjectsOfSeveral()
    {
        await using var connection = await fixture.ConnectAsync();
        var (first, second) = (await fixture.NewNamespaceAsync(), await fixture.NewNamespaceAsync());
        await CreateAsync(connection, first, "a", $",\"labels\":{{\"both\":\"{first}\"}}");
        await CreateAsync(connection, second, "a", $",\"labels\":{{\"both\":\"{first}\"}}");

        var page = (await connection.ListAsync(ConfigMaps, new ListQuery("", $"both={first}", false, 10, null), default)).Value!;

        Assert.Equal(new[] { first, second }.Order(), page.Objects.Select(live => live.Id.Namespace).Order());
    }

    [Fact]
    public async Task Get_ByAUserWithoutRights_IsForbidden()
    {
        await using var connection = await fixture.ConnectAsync("nobody");

        var answer = await connection.GetAsync(ConfigMaps, ConfigMap("default", "a"), default);

        Assert.Equal(ClusterErrorKind.Forbidden, answer.Error?.Kind);
        Assert.Contains("nobody", answer.Error!.Message, StringComparison.Ordinal);
        Assert.False(connection.Status.CircuitOpen);
    }

    [Fact]
    public async Task Checks_ShareTheConnection()
    {
        await using var connection = await fixture.ConnectAsync();
        var space = await fixture.NewNamespaceAsync();
        await CreateAsync(connection, space, "a", "");

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => connection.Checks.GetAsync(ConfigMaps, ConfigMap(space, "a"), default)));

        Assert.All(answers, answer => Assert.Equal("v", Data(answer.Value!, "key")));
    }

    [Fact]
    public async Task Discover_OfARealServer_KnowsKindsScopesAndPreferredVersions()
    {
        await using var connection = await fixture.ConnectAsync();

        var catalog = (await connection.DiscoverAsync(fresh: false, default)).Value!;

        Assert.True(catalog.IsComplete);
        var deployment = catalog.Find("apps", "Deployment")!;
        Assert.Equal(("apps/v1", "deployments", true, true), (deployment.ApiVersion, deployment.Plural, deployment.Namespaced, deployment.CanWatch));
        Assert.False(catalog.Find("", "Namespace")!.Namespaced);
        Assert.Equal("v1", catalog.Find("networking.k8s.io", "Ingress")!.Version);
        Assert.Null(catalog.Find("autoscaling", "v1", "Scale"));
        Assert.Same(catalog, (await connection.DiscoverAsync(fresh: false, default)).Value);
    }

    [Fact]
    public async Task Discover_Fresh_FindsANewCustomResource()
    {
        await using var connection = await fixture.ConnectAsync();
        await connection.DiscoverAsync(fresh: false, default);
        var group = $"{Guid.NewGuid():N}.example.com"[20..];
        await fixture.Client.PostAsync("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", $$$"""
            {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"widgets.{{{group}}}" },
             "spec":{"group":"{{{group}}}","scope":"Namespaced","names":{"plural":"widgets","kind":"Widget"},
              "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true} } }]} }
            """);

        var widget = await GitOpsGrains.Testing.Eventually.GetAsync(
            async () => (await connection.DiscoverAsync(fresh: true, default)).Value?.Find(group, "Widget"), found => found is not null, "the kind Widget");

        Assert.Equal("widgets", widget!.Plural);
    }

    [Fact]
    public async Task Discover_ByManyAtOnce_IsReadOnce()
    {
        await using var connection = await fixture.ConnectAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => connection.DiscoverAsync(fresh: false, default)));

        Assert.All(answers, answer => Assert.Same(answers[0].Value, answer.Value));
    }

    private static async Task CreateAsync(IClusterConnection connection, string space, string name, string metadata)
    {
        var answer = await connection.ApplyAsync(ConfigMaps, ConfigMap(space, name), ConfigMapJson(space, name, "v", metadata), Forced, default);
        Assert.True(answer.IsSuccess, answer.Error?.Message);
    }
}
