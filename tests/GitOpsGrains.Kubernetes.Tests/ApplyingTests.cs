using System.Text;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Testing.Kubernetes;
using static GitOpsGrains.Kubernetes.Tests.KubernetesFixture;

namespace GitOpsGrains.Kubernetes.Tests;

/// <summary>The same on the real server and on the simulation.</summary>
public abstract class ApplyingTests(IKubernetesStage fixture)
{
    [Fact]
    public async Task Apply_OfANewObject_CreatesItInOurName()
    {
        await using var connection = await fixture.ConnectAsync();
        var space = await fixture.NewNamespaceAsync();

        var answer = await connection.ApplyAsync(ConfigMaps, ConfigMap(space, "a"), ConfigMapJson(space, "a", "1"), Forced, default);

        Assert.True(answer.IsSuccess, answer.Error?.Message);
        Assert.Equal(new ResourceId("", "ConfigMap", space, "a"), answer.Value.Id);
        Assert.NotEqual("", answer.Value.Uid);
        Assert.Equal("1", Data(answer.Value, "key"));
        var entry = Assert.Single(answer.Value.Metadata.GetProperty("managedFields").EnumerateArray());
        Assert.Equal("gitopsgrains", entry.GetProperty("manager").GetString());
        Assert.Equal("Apply", entry.GetProperty("operation").GetString());
    }

    [Fact]
    public async Task Apply_AsADryRun_WritesNothing()
    {
        await using var connection = await fixture.ConnectAsync();
        var space = await fixture.NewNamespaceAsync();

        var answer = await connection.ApplyAsync(
            ConfigMaps, ConfigMap(space, "a"), ConfigMapJson(space, "a", "1"), new ApplyOptions(DryRun: true, Force: false), default);

        Assert.True(answer.IsSuccess, answer.Error?.Message);
        Assert.Null(await fixture.Client.FindJsonAsync($"/api/v1/namespaces/{space}/configmaps/a"));
    }

    [Fact]
    public async Task Apply_ThatMayNotBeSentAnyMore_IsAConflictAndWritesNothing()
    {
        await using var connection = await fixture.ConnectAsync();
        var space = await fixture.NewNamespaceAsync();

        var answer = await connection.ApplyAsync(
            ConfigMaps, ConfigMap(space, "a"), ConfigMapJson(space, "a", "1"), new ApplyOptions(DryRun: false, Force: false) { MaySend = () => false }, default);

        Assert.Equal(ClusterErrorKind.Conflict, answer.Error?.Kind);
        Assert.Null(await fixture.Client.FindJsonAsync($"/api/v1/namespaces/{space}/configmaps/a"));
    }

    [Fact]
    public async Task Apply_OfAFieldOfAnother_ConflictsUnlessForced()
    {
        await using var connection = await fixture.ConnectAsync();
        var space = await fixture.NewNamespaceAsync();
        await fixture.Client.ApplyAsync(
            $"/api/v1/namespaces/{space}/configmaps/a", Encoding.UTF8.GetString(ConfigMapJson(space, "a", "theirs")), "other");

        var gentle = await connection.ApplyAsync(
            ConfigMaps, ConfigMap(space, "a"), ConfigMapJson(space, "a", "ours"), new ApplyOptions(DryRun: false, Force: false), default);
        var forced = await connection.ApplyAsync(ConfigMaps, ConfigMap(space, "a"), ConfigMapJson(space, "a", "ours"), Forced, default);

        Assert.Equal(ClusterErrorKind.Conflict, gentle.Error?.Kind);
        Assert.Contains("other", gentle.Error!.Message, StringComparison.Ordinal);
        Assert.Equal("ours", Data(forced.Value!, "key"));
    }

    [Fact]
    public async Task Apply_WithAStaleResourceVersion_IsAConflict()
    {
        await using var connection = await fixture.ConnectAsync();
        var space = await fixture.NewNamespaceAsync();
        var first = (await connection.ApplyAsync(ConfigMaps, ConfigMap(space, "a"), ConfigMapJson(space, "a", "1"), Forced, default)).Value!;
        await fixture.Client.PatchAsync($"/api/v1/namespaces/{space}/configmaps/a", """{"data":{"other":"x"}}""");

        var answer = await connection.ApplyAsync(ConfigMaps, first.Id, ConfigMapJson(space, "a", "2", Preconditions(first)), Forced, default);

        Assert.Equal(ClusterErrorKind.Conflict, answer.Error?.Kind);
        Assert.Equal(409, answer.Error?.StatusCode);
    }

    [Fact]
    public async Task Apply_OfADeletedObject_DoesNotBringItBack()
    {
        await using var connection = await fixture.ConnectAsync();
        var space = await fixture.NewNamespaceAsync();
        var first = (await connection.ApplyAsync(ConfigMaps, ConfigMap(space, "a"), ConfigMapJson(space, "a", "1"), Forced, default)).Value!;
        await fixture.Client.DeleteAsync($"/api/v1/namespaces/{space}/configmaps/a");

        var answer = await connection.ApplyAsync(ConfigMaps, first.Id, ConfigMapJson(space, "a", "2", Preconditions(first)), Forced, default);

        Assert.Equal(ClusterErrorKind.Conflict, answer.Error?.Kind);
        Assert.Null(await fixture.Client.FindJsonAsync($"/api/v1/namespaces/{space}/configmaps/a"));
    }

    [Fact]
    public async Task Apply_WithTheUidOfAnotherObject_IsAConflict()
    {
        await using var connection = await fixture.ConnectAsync();
        var space = await fixture.NewNamespaceAsync();
        var first = (await connection.ApplyAsync(ConfigMaps, ConfigMap(space, "a"), ConfigMapJson(space, "a", "1"), Forced, default)).Value!;
        await fixture.Client.DeleteAsync($"/api/v1/namespaces/{space}/configmaps/a");
        await fixture.Client.PostAsync($"/api/v1/namespaces/{space}/configmaps", Encoding.UTF8.GetString(ConfigMapJson(space, "a", "new")));

        var answer = await connection.ApplyAsync(
            ConfigMaps, first.Id, ConfigMapJson(space, "a", "2", $",\"uid\":\"{first.Uid}\""), Forced, default);

        Assert.Equal(ClusterErrorKind.Conflict, answer.Error?.Kind);
        Assert.Equal("new", (await fixture.Client.GetJsonAsync($"/api/v1/namespaces/{space}/configmaps/a")).GetProperty("data").GetProperty("key").GetString());
    }

    [Fact]
    public async Task Create_OfAnObjectThatExists_IsAlreadyExists()
    {
        await using var connection = await fixture.ConnectAsync();
        var space = await fixture.NewNamespaceAsync();

        var first = await connection.CreateAsync(ConfigMaps, ConfigMap(space, "a"), ConfigMapJson(space, "a", "1"), default);
        var second = await connection.CreateAsync(ConfigMaps, ConfigMap(space, "a"), ConfigMapJson(space, "a", "1"), default);

        Assert.Equal("a", first.Value?.Id.Name);
        Assert.Equal(ClusterErrorKind.AlreadyExists, second.Error?.Kind);
    }

    [Fact]
    public async Task JsonPatch_WithAResourceVersion_HoldsItAsAPrecondition()
    {
        await using var connection = await fixture.ConnectAsync();
        var space = await fixture.NewNamespaceAsync();
        var first = (await connection.ApplyAsync(ConfigMaps, ConfigMap(space, "a"), ConfigMapJson(space, "a", "1"), Forced, default)).Value!;
        var patch = Encoding.UTF8.GetBytes(
            $$"""[{"op":"replace","path":"/metadata/resourceVersion","value":"{{first.ResourceVersion}}"},{"op":"add","path":"/data/more","value":"x"}]""");

        var good = await connection.JsonPatchAsync(ConfigMaps, first.Id, patch, dryRun: false, default);
        var stale = await connection.JsonPatchAsync(ConfigMaps, first.Id, patch, dryRun: false, default);

        Assert.Equal("x", Data(good.Value!, "more"));
        Assert.Equal(ClusterErrorKind.Conflict, stale.Error?.Kind);
    }

    [Fact]
    public async Task Delete_WithPreconditions_DeletesOnlyThatObjectInThatState()
    {
        await using var connection = await fixture.ConnectAsync();
        var space = await fixture.NewNamespaceAsync();
        var live = (await connection.ApplyAsync(ConfigMaps, ConfigMap(space, "a"), ConfigMapJson(space, "a", "1"), Forced, default)).Value!;

        var wrongUid = await connection.DeleteAsync(
            ConfigMaps, live.Id, new DeleteOptions(Guid.NewGuid().ToString(), live.ResourceVersion, Propagation.Background), default);
        var stale = await connection.DeleteAsync(ConfigMaps, live.Id, new DeleteOptions(live.Uid, "1", Propagation.Background), default);
        var late = await connection.DeleteAsync(
            ConfigMaps, live.Id, new DeleteOptions(live.Uid, live.ResourceVersion, Propagation.Background) { MaySend = () => false }, default);
        var right = await connection.DeleteAsync(
            ConfigMaps, live.Id, new DeleteOptions(live.Uid, live.ResourceVersion, Propagation.Background), default);
        var gone = await connection.DeleteAsync(
            ConfigMaps, live.Id, new DeleteOptions(live.Uid, live.ResourceVersion, Propagation.Background), default);

        Assert.Equal(ClusterErrorKind.Conflict, wrongUid.Error?.Kind);
        Assert.Equal(ClusterErrorKind.Conflict, stale.Error?.Kind);
        Assert.Equal((ClusterErrorKind.Conflict, 0), (late.Error!.Kind, late.Error.StatusCode));
        Assert.False(right.Value!.Pending);
        Assert.Equal(ClusterErrorKind.NotFound, gone.Error?.Kind);
    }

    [Fact]
    public async Task Delete_OfAnObjectWithFinalizers_IsPendingAndNamesThem()
    {
        await using var connection = await fixture.ConnectAsync();
        var space = await fixture.NewNamespaceAsync();
        var body = ConfigMapJson(space, "a", "1", ",\"finalizers\":[\"example.com/hold\"]");
        var live = (await connection.ApplyAsync(ConfigMaps, ConfigMap(space, "a"), body, Forced, default)).Value!;

        var answer = await connection.DeleteAsync(
            ConfigMaps, live.Id, new DeleteOptions(live.Uid, live.ResourceVersion, Propagation.Background), default);

        Assert.True(answer.Value!.Pending);
        Assert.Equal(["example.com/hold"], answer.Value.Finalizers);
        Assert.True((await connection.GetAsync(ConfigMaps, live.Id, default)).Value!.IsDeleting);
    }

    [Fact]
    public async Task Delete_InTheForeground_SetsItsFinalizer()
    {
        await using var connection = await fixture.ConnectAsync();
        var space = await fixture.NewNamespaceAsync();
        var live = (await connection.ApplyAsync(ConfigMaps, ConfigMap(space, "a"), ConfigMapJson(space, "a", "1"), Forced, default)).Value!;

        // No garbage collector runs here to take the finalizer away.
        var answer = await connection.DeleteAsync(
            ConfigMaps, live.Id, new DeleteOptions(live.Uid, live.ResourceVersion, Propagation.Foreground), default);

        Assert.Equal(["foregroundDeletion"], answer.Value!.Finalizers);
    }

    [Fact]
    public async Task Apply_WithDuplicateEnvironmentNames_IsTheObjectsFault()
    {
        await using var connection = await fixture.ConnectAsync();
        var space = await fixture.NewNamespaceAsync();
        var id = new ResourceId("apps", "Deployment", space, "twice");

        for (var attempt = 0; attempt < 6; attempt++)
        {
            var answer = await connection.ApplyAsync(
                Deployments, id, DeploymentJson(space, "twice", """[{"name":"A","value":"1"},{"name":"A","value":"2"}]"""), Forced, default);
            Assert.Equal(ClusterErrorKind.ObjectRefused, answer.Error?.Kind);
            Assert.True(answer.Error!.IsOfObject);
        }

        Assert.False(connection.Status.CircuitOpen);
    }

    [Fact]
    public async Task Apply_WithAnUnknownField_IsTheObjectsFault()
    {
        await using var connection = await fixture.ConnectAsync();
        var space = await fixture.NewNamespaceAsync();
        var body = Encoding.UTF8.GetBytes(
            $$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"{{space}}"},"datta":{"key":"1"} }""");

        var answer = await connection.ApplyAsync(ConfigMaps, ConfigMap(space, "a"), body, Forced, default);

        Assert.Equal(ClusterErrorKind.ObjectRefused, answer.Error?.Kind);
        Assert.Contains("field not declared in schema", answer.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_OfAnInvalidValue_IsInvalid()
    {
        await using var connection = await fixture.ConnectAsync();
        var space = await fixture.NewNamespaceAsync();
        var id = new ResourceId("apps", "Deployment", space, "bad");

        var answer = await connection.ApplyAsync(Deployments, id, DeploymentJson(space, "bad", "[]", replicas: -1), Forced, default);

        Assert.Equal(ClusterErrorKind.Invalid, answer.Error?.Kind);
        Assert.Equal(422, answer.Error?.StatusCode);
    }

    [Fact]
    public async Task Apply_OfAnInvalidSecret_DoesNotTellItsValues()
    {
        await using var connection = await fixture.ConnectAsync();
        var space = await fixture.NewNamespaceAsync();
        var id = new ResourceId("", "Secret", space, "a");
        string[] bodies =
        [
            """ "data":{"key":"hunter2-not-base64!"}""", """ "data":{"key":["hunter2-in-a-list"]}""", """ "stringData":{"key":{"hunter2-key":"hunter2-value"}}""",
            """ "data":{"key":20394857}""", """ "data":"hunter2-as-text" """,
        ];

        foreach (var data in bodies)
        {
            var body = Encoding.UTF8.GetBytes($$"""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a","namespace":"{{space}}"},{{data}}}""");
            var applied = await connection.ApplyAsync(Secrets, id, body, Forced, default);
            var created = await connection.CreateAsync(Secrets, id, body, default);
            foreach (var error in new[] { applied.Error, created.Error })
            {
                Assert.NotNull(error);
                Assert.DoesNotContain("hunter2-", error.Message, StringComparison.Ordinal);
                Assert.DoesNotContain("20394857", error.Message, StringComparison.Ordinal);
                Assert.True(error.IsOfObject, $"{error.Kind}: {error.Message}");
            }
        }
    }

    [Theory]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a%2fb")]
    [InlineData("")]
    public async Task Get_OfANameThatLeadsElsewhere_IsRefusedUnsent(string name)
    {
        await using var connection = await fixture.ConnectAsync();

        var answer = await connection.GetAsync(ConfigMaps, ConfigMap("default", name), default);

        Assert.Equal(ClusterErrorKind.Invalid, answer.Error?.Kind);
        Assert.Equal(0, answer.Error?.StatusCode);
    }

    internal static byte[] DeploymentJson(string space, string name, string env, int replicas = 0) => Encoding.UTF8.GetBytes($$"""
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"{{name}}","namespace":"{{space}}","labels":{"app":"{{name}}"} },
         "spec":{"replicas":{{replicas}},"selector":{"matchLabels":{"app":"{{name}}"} },"template":{"metadata":{"labels":{"app":"{{name}}"} },
          "spec":{"containers":[{"name":"main","image":"example.com/podinfo:6.0.0","env":{{env}},"ports":[{"name":"http","containerPort":9898,"protocol":"TCP"}],
           "command":["./podinfo","--port=9898","--level=info"],"resources":{"limits":{"cpu":"2","memory":"512Mi"},"requests":{"cpu":"100m","memory":"64Mi"} },
           "livenessProbe":{"exec":{"command":["podcli","check","http","localhost:9898/healthz"]},"initialDelaySeconds":5,"timeoutSeconds":5},
           "readinessProbe":{"exec":{"command":["podcli","check","http","localhost:9898/readyz"]},"initialDelaySeconds":5,"timeoutSeconds":5} }]} } } }
        """);

    private static string Preconditions(LiveObject live) => $",\"uid\":\"{live.Uid}\",\"resourceVersion\":\"{live.ResourceVersion}\"";
}
