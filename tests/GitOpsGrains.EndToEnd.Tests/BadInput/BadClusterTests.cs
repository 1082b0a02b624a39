using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.EndToEnd.Tests.BadInput;

/// <summary>Clusters that can't be reached or may not be written to. The other clusters go on, and mending the cause is enough.</summary>
public sealed class BadClusterTests(SharedFleet fleet, BadClusterTests.Breakable breakable) : IClassFixture<BadClusterTests.Breakable>
{
    private const string Cluster = "breakable";
    private const string Clerk = "clerk";

    /// <summary>A cluster is looked at every 10 s.</summary>
    private static readonly TimeSpan Probe = TimeSpan.FromSeconds(40);

    [Fact]
    public Task KubeconfigMissing_IsNamed() => BrokenAsync(
        scene => File.Delete(scene.Kubeconfig),
        scene => Told("ClusterAccessDenied", $"the kubeconfig can't be read: Could not find file '{scene.Kubeconfig}'."));

    [Fact]
    public Task KubeconfigWithoutItsContext_IsNamed() => BrokenAsync(
        scene => File.WriteAllText(scene.Kubeconfig, "apiVersion: v1\nkind: Config\ncurrent-context: gone\n"),
        scene => Told("ClusterAccessDenied", $"{scene.Kubeconfig} has no context 'gone'"));

    [Fact]
    public Task TokenThatTheServerDoesNotKnow_IsNamedAndNotShown() => BrokenAsync(
        scene => scene.Server.WriteKubeconfig(scene.Kubeconfig, "token: hush-hush", $"certificate-authority: {scene.Server.CaFile}"),
        scene => Told("ClusterAccessDenied", "Unauthorized"));

    [Fact]
    public Task PortWhereNobodyListens_IsNamed() => BrokenAsync(
        scene => scene.Server.WriteKubeconfig(scene.Kubeconfig, "token: any", $"certificate-authority: {scene.Server.CaFile}", new Uri($"https://127.0.0.1:{FreePort.Next()}")),
        scene => Told("ClusterUnreachable", null), reopens: true);

    [Fact]
    public async Task ExecPluginThatIsNotAllowed_IsNamedAndNotRun()
    {
        var proof = Path.Combine(Path.GetTempPath(), $"gog-exec-{Guid.NewGuid():N}");
        await BrokenAsync(
            scene => scene.Server.WriteKubeconfig(scene.Kubeconfig, $"exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: touch, args: [{proof}]}}", $"certificate-authority: {scene.Server.CaFile}"),
            scene => Told("ClusterAccessDenied", null));
        Assert.False(File.Exists(proof));
    }

    [Fact]
    public async Task TokenThatExpires_IsNoticedAndANewOneInTheFileIsEnough()
    {
        var scene = await NewSceneAsync();
        var token = await ShortLivedTokenAsync(scene, TimeSpan.FromSeconds(10));
        scene.Server.WriteKubeconfig(scene.Kubeconfig, $"token: {token}", $"certificate-authority: {scene.Server.CaFile}");
        await scene.PutClusterAsync("expiring");
        await scene.WriteConfigMapAsync("app/c.yaml", "first", "one");
        var commit = await scene.PushAsync("Begin");
        await scene.PutApplicationAsync("app");
        await scene.SyncedAsync("app", commit);
        var before = await scene.FindLiveAsync("first");

        var condition = await Eventually.GetAsync(async () => (await scene.GetAsync("app")).Status.Conditions, told => told.Count == 1, "a condition", Probe);
        Assert.Equal(("ClusterAccessDenied", $"{scene.Cluster}: Unauthorized"), (condition[0].Type, condition[0].Message));
        Assert.Equal("Unknown", (await scene.GetAsync("app")).Status.Sync);
        await scene.WriteConfigMapAsync("app/c.yaml", "first", "two");
        commit = await scene.PushAsync("Go on", "app");
        Assert.Equal(before, await scene.FindLiveAsync("first"));

        scene.Server.WriteKubeconfig(scene.Kubeconfig);
        await scene.SyncedAsync("app", commit, Probe);
        Assert.Equal("two", (await scene.FindLiveAsync("first")).Value);
    }

    [Fact]
    public async Task OneObjectForbidden_IsNamed_AndGrantingItIsEnough()
    {
        var scene = await NewSceneAsync();
        await GrantAsync(scene, "rules", """[{"apiGroups":["*"],"resources":["*"],"verbs":["get","list","watch"]},{"apiGroups":[""],"resources":["configmaps"],"verbs":["create","patch","update","delete"]}]""");
        scene.Server.WriteKubeconfig(scene.Kubeconfig, Clerk);
        await scene.PutClusterAsync("clerk");
        var story = await BadCommit.BeginAsync(scene);
        await scene.Work.WriteAsync("bad/x.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: closed}\nstringData: {key: hush}\n");
        await RefusedObjectTests.RefusedAsync(story, $"/Secret:{scene.Name}/closed", message =>
        {
            Assert.StartsWith("secrets \"closed\" is forbidden: User \"clerk\" cannot patch resource \"secrets\"", message);
            Assert.DoesNotContain("hush", message);
        });
        await GrantAsync(scene, "more", """[{"apiGroups":[""],"resources":["secrets"],"verbs":["create","patch"]}]""");
        await story.MendAsync();
    }

    [Fact]
    public async Task AnotherClusterUnderTheSameAddress_StopsAllWritesUntilTheRightOneIsBack()
    {
        var scene = await NewSceneAsync();
        await using var impostor = await ApiServer.StartAsync(new ApiServerOptions { Users = [new TestUser("same", scene.Server.Token, "system:masters")] });
        await impostor.Client.CreateNamespaceAsync(scene.Name);
        await using var address = new SwitchedPort(scene.Server.Url.Port);
        scene.Server.WriteKubeconfig(scene.Kubeconfig, $"token: {scene.Server.Token}", "insecure-skip-tls-verify: true", new Uri($"https://127.0.0.1:{address.Port}"));
        await scene.PutClusterAsync("switched");
        var story = await BadCommit.BeginAsync(scene);
        var (was, now) = (await IdentityAsync(scene.Server), await IdentityAsync(impostor));

        address.SwitchTo(impostor.Url.Port);
        var told = Told("ClusterIdentityChanged",
            $"another cluster answers at this address: the uid of kube-system is {now}, was {was}; nothing is written");
        await Eventually.GetAsync(async () => (await scene.GetAsync(BadCommit.Application)).Status.Conditions, seen => seen is [{ Type: "ClusterIdentityChanged" }], told.Message, Probe);
        Assert.StartsWith($"{scene.Cluster}: {told.Message}", (await scene.GetAsync(BadCommit.Application)).Status.Conditions[0].Message);
        await scene.WriteConfigMapAsync("bad/a-changed.yaml", "changed", "two");
        await scene.Work.DeleteAsync("bad/b-removed.yaml");
        await scene.PushAsync("Go on", BadCommit.Application);
        var sync = await scene.Rest.CommandAsync(scene.Of(BadCommit.Application), "sync");
        Assert.Equal(OperationPhase.Failed, sync.Phase);
        await story.UntouchedAsync();
        Assert.Empty((await impostor.Client.GetJsonAsync("/api/v1/configmaps?labelSelector=gitopsgrains.io/managed")).GetProperty("items").EnumerateArray());
        Assert.Null(await impostor.Client.FindJsonAsync("/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/gitopsgrains-default"));

        address.SwitchTo(scene.Server.Url.Port);
        var commit = await scene.Work.HeadAsync();
        await scene.SyncedAsync(BadCommit.Application, commit, Probe);
        Assert.Equal("two", (await scene.FindLiveAsync("changed")).Value);
        Assert.Null(await scene.FindAsync("removed"));
    }

    /// <summary>The cluster itself says which document it has, so that no silo need know what the others serve.</summary>
    [Fact]
    public async Task SecondDocumentOfACluster_WritesNothingUntilItTakesOver_AndThenTheFirstDoesNot()
    {
        var scene = await NewSceneAsync();
        var second = $"{scene.Name}-second";
        await StateAsync(scene, Cluster, "Ready", "");
        Assert.Equal(Cluster, await DocumentAsync());
        await scene.Rest.ApplyAsync($$"""
            apiVersion: gitopsgrains.io/v1
            kind: Cluster
            metadata: {name: {{second}}}
            spec: {kubeconfig: {file: "{{scene.Kubeconfig}}"} }
            """);
        await StateAsync(scene, second, "ClusterDuplicate", $"this is the same cluster as {Cluster}; nothing is written through a second document (gitopsctl cluster takeover makes this one its document)");

        Assert.Null((await scene.Rest.TrySendAsync(HttpMethod.Post, $"clusters/{second}:takeover")).Problem);
        await StateAsync(scene, second, "Ready", "");
        await StateAsync(scene, Cluster, "ClusterDuplicate", $"this is the same cluster as {second}; nothing is written through a second document (gitopsctl cluster takeover makes this one its document)");
        Assert.Equal(second, await DocumentAsync());

        // The name of a document that is gone holds nobody up.
        Assert.Null((await scene.Rest.TrySendAsync(HttpMethod.Delete, $"clusters/{second}")).Problem);
        await StateAsync(scene, Cluster, "Ready", "");
        Assert.Equal(Cluster, await DocumentAsync());

        async Task<string?> DocumentAsync() => (await scene.Server.Client.GetJsonAsync("/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/gitopsgrains-default"))
            .GetProperty("metadata").GetProperty("annotations").GetProperty("gitopsgrains.io/cluster").GetString();

        static Task StateAsync(Scene scene, string cluster, string state, string message) => Eventually.GetAsync(
            async () => (await scene.Rest.GetAsync<ClusterView>($"clusters/{cluster}")).Status, status => (status.State, status.Message) == (state, message), $"{cluster} {state}", TimeSpan.FromSeconds(60));
    }

    private static async Task GrantAsync(Scene scene, string role, string rules)
    {
        var name = $"{scene.Name}-{role}";
        await scene.Server.Client.PostAsync("/apis/rbac.authorization.k8s.io/v1/clusterroles",
            $$"""{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"{{name}}"},"rules":{{rules}}}""");
        // Reading is granted in the whole cluster, as a watch needs it; what else is granted holds in this namespace.
        await scene.Server.Client.PostAsync("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
            $$$"""{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding","metadata":{"name":"{{{name}}}"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"{{{name}}}"},"subjects":[{"kind":"User","name":"{{{Clerk}}}"}]}""");
    }

    /// <summary>Breaks the kubeconfig of one cluster; another one goes on.</summary>
    private async Task BrokenAsync(Action<Scene> breakIt, Func<Scene, ConditionView> expected, bool reopens = false)
    {
        var story = await BadCommit.BeginAsync(await NewSceneAsync());
        var neighbour = await BadCommit.BeginAsync(await fleet.NewSceneAsync());
        var scene = story.Scene;
        breakIt(scene);
        await scene.PutClusterAsync("broken");
        await story.PublishAsync();
        var told = expected(scene);
        var seen = await scene.ConditionAsync(BadCommit.Application, told.Type);
        Assert.StartsWith($"{scene.Cluster}: {told.Message}", seen.Message);
        Assert.DoesNotContain("hush-hush", seen.Message);
        var cluster = await scene.Rest.GetAsync<ClusterView>($"clusters/{scene.Cluster}");
        Assert.Equal(told.Type, cluster.Status.State);
        await neighbour.PublishAsync();
        await neighbour.MendAsync();
        Assert.Equal("Unknown", (await scene.GetAsync(BadCommit.Application)).Status.Sync);
        await story.UntouchedAsync();

        scene.Server.WriteKubeconfig(scene.Kubeconfig);
        // An address that is stored in an open connection needs a word; a file that could not be used is read again by itself.
        if (reopens) await scene.PutClusterAsync("mended");
        await scene.SyncedAsync(BadCommit.Application, await scene.Work.HeadAsync(), Probe);
        Assert.Equal("two", (await scene.FindLiveAsync("changed")).Value);
        Assert.Null(await scene.FindAsync("removed"));
    }

    /// <summary>The tests of this class run one after the other and share a cluster; each mends what it broke.</summary>
    private Task<Scene> NewSceneAsync() => fleet.NewSceneAsync(breakable.Server, Cluster);

    private static ConditionView Told(string type, string? message) => new() { Type = type, Message = message ?? "" };

    private static async Task<string> IdentityAsync(ApiServer server) =>
        LiveConfigMap.Of(await server.Client.GetJsonAsync("/api/v1/namespaces/kube-system")).Uid;

    /// <summary>A token of a service account that may do all, which the server takes for so long (it allows a minute of skew).</summary>
    private static async Task<string> ShortLivedTokenAsync(Scene scene, TimeSpan life)
    {
        var account = await scene.Server.Client.PostAsync($"/api/v1/namespaces/{scene.Name}/serviceaccounts",
            """{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"robot"}}""");
        await scene.Server.Client.PostAsync("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
            $$$"""{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding","metadata":{"name":"{{{scene.Name}}}-robot"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"cluster-admin"},"subjects":[{"kind":"ServiceAccount","name":"robot","namespace":"{{{scene.Name}}}"}]}""");
        var end = TimeProvider.System.GetUtcNow() + life - TimeSpan.FromMinutes(1);
        var claims = new Dictionary<string, object>
        {
            ["iss"] = "https://kubernetes.default.svc",
            ["aud"] = new[] { "https://kubernetes.default.svc" },
            ["sub"] = $"system:serviceaccount:{scene.Name}:robot",
            ["iat"] = end.ToUnixTimeSeconds() - 600,
            ["nbf"] = end.ToUnixTimeSeconds() - 600,
            ["exp"] = end.ToUnixTimeSeconds(),
            ["kubernetes.io"] = new { @namespace = scene.Name, serviceaccount = new { name = "robot", uid = LiveConfigMap.Of(account).Uid } },
        };
        var signed = $"{Part(new { alg = "RS256", typ = "JWT" })}.{Part(claims)}";
        using var key = RSA.Create();
        key.ImportFromPem(await File.ReadAllTextAsync(scene.Server.Certificates.AccountKeyFile));
        var signature = key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{signed}.{System.Buffers.Text.Base64Url.EncodeToString(signature)}";
    }

    private static string Part(object value) => System.Buffers.Text.Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(value));

    public sealed class Breakable() : ApiServerFixture(new ApiServerOptions { ControllerManager = true, Users = [new TestUser(Clerk, "token-of-the-clerk")] });
}
