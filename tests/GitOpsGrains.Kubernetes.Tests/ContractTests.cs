using System.Net;
using System.Text.Json;
using GitOpsGrains.Testing.Kubernetes;
using static GitOpsGrains.Kubernetes.Tests.KubernetesFixture;

namespace GitOpsGrains.Kubernetes.Tests;

/// <summary>What our client hides, in plain HTTP: the same answers from the real server and from the simulation.</summary>
public abstract class ContractTests(IKubernetesStage stage)
{
    private ApiClient Client => stage.Client;

    [Fact]
    public async Task Apply_OfADeployment_OwnsExactlyWhatItSays()
    {
        var space = await stage.NewNamespaceAsync();

        var live = await Client.ApplyAsync($"/apis/apps/v1/namespaces/{space}/deployments/d", Deployment, "g");

        Assert.Equal(
            """{"f:metadata":{"f:labels":{"f:a":{}}},"f:spec":{"f:replicas":{},"f:selector":{},"f:template":{"f:metadata":{"f:labels":{"f:app":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"m\"}":{".":{},"f:args":{},"f:env":{"k:{\"name\":\"A\"}":{".":{},"f:name":{},"f:value":{}}},"f:image":{},"f:name":{},"f:ports":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{},"f:protocol":{}}}}},"f:volumes":{"k:{\"name\":\"t\"}":{".":{},"f:configMap":{"f:name":{}},"f:name":{}}}}}}}""",
            Entries(live).Single().GetProperty("fieldsV1").GetRawText());
    }

    [Fact]
    public async Task Create_OfADeployment_IsFilledIn()
    {
        var space = await stage.NewNamespaceAsync();

        var live = await Client.ApplyAsync($"/apis/apps/v1/namespaces/{space}/deployments/d", Deployment, "g");

        var spec = live.GetProperty("spec");
        Assert.Equal("10 600", $"{spec.GetProperty("revisionHistoryLimit")} {spec.GetProperty("progressDeadlineSeconds")}");
        Assert.True(JsonElement.DeepEquals(Json("""{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":"25%","maxSurge":"25%"} }"""), spec.GetProperty("strategy")));
        Assert.True(
            JsonElement.DeepEquals(
                Json("""
                [{"name":"m","image":"x:1","args":["a"],"ports":[{"containerPort":80,"protocol":"TCP"}],"env":[{"name":"A"}],"resources":{},
                 "terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","imagePullPolicy":"IfNotPresent"}]
                """),
                spec.GetProperty("template").GetProperty("spec").GetProperty("containers")),
            spec.ToString());
        Assert.Equal(1, live.GetProperty("metadata").GetProperty("generation").GetInt32());
    }

    [Fact]
    public async Task Apply_WithoutAFieldOfBefore_TakesItAway_UnlessAnotherOwnsIt()
    {
        var path = await NewConfigMapPathAsync();
        await Client.ApplyAsync(path, ConfigMapWith("""{"a":"1","b":"1","c":"1"}"""), "g");
        await Client.ApplyAsync(path, ConfigMapWith("""{"b":"1"}"""), "other");

        var live = await Client.ApplyAsync(path, ConfigMapWith("""{"c":"1"}"""), "g");

        Assert.True(JsonElement.DeepEquals(Json("""{"b":"1","c":"1"}"""), live.GetProperty("data")), live.ToString());
    }

    [Fact]
    public async Task Apply_OfTheSame_WritesNothing()
    {
        var path = await NewConfigMapPathAsync();
        var first = await Client.ApplyAsync(path, ConfigMapWith("""{"a":"1"}"""), "g");

        var second = await Client.ApplyAsync(path, ConfigMapWith("""{"a":"1"}"""), "g");

        Assert.Equal(Version(first), Version(second));
    }

    [Fact]
    public async Task Patch_ByAnother_TakesTheFieldOver()
    {
        var path = await NewConfigMapPathAsync();
        await Client.ApplyAsync(path, ConfigMapWith("""{"a":"1","b":"1"}"""), "g");

        var live = await Client.PatchAsync(path, """{"data":{"a":"2"}}""");

        Assert.Equal(
            ["""g Apply {"f:data":{"f:b":{}}}""", """kubectl-edit Update {"f:data":{"f:a":{}}}"""],
            Entries(live).Select(entry => $"{entry.GetProperty("manager")} {entry.GetProperty("operation")} {entry.GetProperty("fieldsV1").GetRawText()}"));
    }

    [Theory]
    [InlineData("""{"a":"2"}""", "Apply failed with 1 conflict: conflict with \"g\": .data.a", 409)]
    [InlineData("""{"a":1}""", "failed to create typed patch object", 500)]
    public async Task Apply_ThatIsRefused_SaysWhy(string data, string message, int status)
    {
        var path = await NewConfigMapPathAsync();
        await Client.ApplyAsync(path, ConfigMapWith("""{"a":"1"}"""), "g");

        var refusal = await Assert.ThrowsAsync<HttpRequestException>(() => Client.ApplyAsync(path, ConfigMapWith(data), "other", force: false));

        Assert.Equal(status, (int)refusal.StatusCode!);
        Assert.Contains(message.Replace("\"", "\\\"", StringComparison.Ordinal), refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_InADeletedNamespace_IsForbidden()
    {
        var space = await stage.NewNamespaceAsync();
        await Client.DeleteAsync($"/api/v1/namespaces/{space}");

        var refusal = await Assert.ThrowsAsync<HttpRequestException>(() => Client.PostAsync($"/api/v1/namespaces/{space}/configmaps", ConfigMapWith("{}")));

        Assert.Equal(HttpStatusCode.Forbidden, refusal.StatusCode);
        Assert.Contains("NamespaceTerminating", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("Terminating", (await Client.GetJsonAsync($"/api/v1/namespaces/{space}")).GetProperty("status").GetProperty("phase").GetString());
    }

    [Fact]
    public async Task Finalizer_TakenAway_LetsTheObjectGo()
    {
        var path = await NewConfigMapPathAsync();
        await Client.ApplyAsync(path, """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","finalizers":["example.com/hold"]}}""", "g");
        await Client.DeleteAsync(path);

        await Client.PatchAsync(path, """{"metadata":{"finalizers":null}}""");

        Assert.Equal(HttpStatusCode.NotFound, await Client.GetStatusAsync(path));
    }

    [Fact]
    public async Task Status_IsWrittenApartFromTheSpec()
    {
        var space = await stage.NewNamespaceAsync();
        var path = $"/apis/apps/v1/namespaces/{space}/deployments/d";
        await Client.ApplyAsync(path, Deployment, "g");

        await Client.PatchAsync($"{path}/status", """{"status":{"replicas":1,"observedGeneration":1},"spec":{"replicas":7}}""");
        await Client.PatchAsync(path, """{"status":{"replicas":5},"spec":{"replicas":2}}""");

        var live = await Client.GetJsonAsync(path);
        Assert.Equal("2 1 2", $"{live.GetProperty("spec").GetProperty("replicas")} {live.GetProperty("status").GetProperty("replicas")} {live.GetProperty("metadata").GetProperty("generation")}");
    }

    [Fact]
    public async Task StrategicPatch_OfAContainer_MergesByName()
    {
        var space = await stage.NewNamespaceAsync();
        var path = $"/apis/apps/v1/namespaces/{space}/deployments/d";
        await Client.ApplyAsync(path, Deployment, "g");

        var live = await Client.PatchAsync(
            path, """{"spec":{"template":{"spec":{"containers":[{"name":"m","image":"x:2"},{"name":"n","image":"y:1"}]}}}}""", "application/strategic-merge-patch+json");

        var containers = live.GetProperty("spec").GetProperty("template").GetProperty("spec").GetProperty("containers").EnumerateArray();
        Assert.Equal(["m x:2", "n y:1"], containers.Select(container => $"{container.GetProperty("name")} {container.GetProperty("image")}").Order());
    }

    [Fact]
    public async Task Create_WithAGeneratedName_GetsOne()
    {
        var space = await stage.NewNamespaceAsync();

        var live = await Client.PostAsync($"/api/v1/namespaces/{space}/configmaps", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"generateName":"made-"}}""");

        Assert.Matches("^made-[a-z0-9]{5}$", live.GetProperty("metadata").GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("/apis/apps/v1", "deployments", "apps/v1", "Deployment", WorkloadSpec, "Name Ready Up-to-date Available Age Containers* Images* Selector*", "a|0/2|0|0|AGE|m|x:1|app=a")]
    [InlineData("/apis/apps/v1", "statefulsets", "apps/v1", "StatefulSet", WorkloadSpec, "Name Ready Age Containers* Images*", "a|0/2|AGE|m|x:1")]
    [InlineData("/api/v1", "configmaps", "v1", "ConfigMap", "\"data\":{\"k\":\"v\"}", "Name Data Age", "a|1|AGE")]
    [InlineData("/api/v1", "secrets", "v1", "Secret", "\"stringData\":{\"k\":\"v\"}", "Name Type Data Age", "a|Opaque|1|AGE")]
    [InlineData("/api/v1", "services", "v1", "Service", "\"spec\":{\"clusterIP\":\"None\",\"selector\":{\"a\":\"b\"},\"ports\":[{\"port\":80}]}", "Name Type Cluster-IP External-IP Port(s) Age Selector*", "a|ClusterIP|None|<none>|80/TCP|AGE|a=b")]
    [InlineData("/api/v1", "serviceaccounts", "v1", "ServiceAccount", "\"secrets\":[{\"name\":\"s\"}]", "Name Secrets Age", "a|1|AGE")]
    [InlineData("/apis/networking.k8s.io/v1", "networkpolicies", "networking.k8s.io/v1", "NetworkPolicy", "\"spec\":{\"podSelector\":{\"matchLabels\":{\"a\":\"b\"}}}", "Name Pod-Selector Age", "a|a=b|AGE")]
    [InlineData("/apis/rbac.authorization.k8s.io/v1", "rolebindings", "rbac.authorization.k8s.io/v1", "RoleBinding", "\"roleRef\":{\"apiGroup\":\"rbac.authorization.k8s.io\",\"kind\":\"ClusterRole\",\"name\":\"view\"},\"subjects\":[{\"kind\":\"User\",\"name\":\"ada\"},{\"kind\":\"User\",\"name\":\"bob\"},{\"kind\":\"ServiceAccount\",\"name\":\"s\",\"namespace\":\"n\"}]", "Name Role Age Users* Groups* ServiceAccounts*", "a|ClusterRole/view|AGE|ada, bob||n/s")]
    public async Task Table_OfAKind_HasTheServersColumnsAndCells(string api, string plural, string apiVersion, string kind, string body, string columns, string cells)
    {
        var path = $"{api}/namespaces/{await stage.NewNamespaceAsync()}/{plural}";
        await Client.PostAsync(path, $$$"""{"apiVersion":"{{{apiVersion}}}","kind":"{{{kind}}}","metadata":{"name":"a"},{{{body}}} }""");

        var table = await Client.GetJsonAsync($"{path}/a", "application/json;as=Table;v=v1;g=meta.k8s.io");

        var names = table.GetProperty("columnDefinitions").EnumerateArray().Select(static column => column.GetProperty("name").GetString() + (column.GetProperty("priority").GetInt32() > 0 ? "*" : "")).ToList();
        var age = names.IndexOf("Age");
        Assert.Equal(columns, string.Join(' ', names));
        Assert.Equal(cells, string.Join('|', table.GetProperty("rows")[0].GetProperty("cells").EnumerateArray().Select((cell, at) => at == age ? "AGE" : cell.ToString())));
        Assert.Equal(("PartialObjectMetadata", "a"), (table.GetProperty("rows")[0].GetProperty("object").GetProperty("kind").GetString(), table.GetProperty("rows")[0].GetProperty("object").GetProperty("metadata").GetProperty("name").GetString()));
    }

    [Fact]
    public async Task Deletion_WithAnotherPolicyLater_TakesThat()
    {
        var path = await NewConfigMapPathAsync();
        await Client.ApplyAsync(path, ConfigMapWith("{}"), "g");

        await Client.DeleteAsync(path, """{"propagationPolicy":"Foreground"}""");
        var held = await Client.DeleteAsync(path, """{"propagationPolicy":"Orphan"}""");

        Assert.Equal("""["orphan"]""", held.GetProperty("metadata").GetProperty("finalizers").GetRawText());
    }

    [Fact]
    public async Task Finalizer_AddedToWhatIsBeingDeleted_IsRefused()
    {
        var path = await NewConfigMapPathAsync();
        await Client.ApplyAsync(path, """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","finalizers":["example.com/hold"]}}""", "g");
        await Client.DeleteAsync(path);

        var refusal = await Assert.ThrowsAsync<HttpRequestException>(() => Client.PatchAsync(path, """{"metadata":{"finalizers":["example.com/hold","example.com/more"]}}"""));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refusal.StatusCode);
        Assert.Contains("no new finalizers can be added if the object is being deleted, found new finalizers []string{", refusal.Message, StringComparison.Ordinal);
    }

    private const string WorkloadSpec = """
        "spec":{"replicas":2,"selector":{"matchLabels":{"app":"a"}},"template":{"metadata":{"labels":{"app":"a"}},"spec":{"containers":[{"name":"m","image":"x:1"}]}}}
        """;

    private const string Deployment = """
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d","labels":{"a":"b"}},"spec":{"replicas":1,"selector":{"matchLabels":{"app":"d"}},
         "template":{"metadata":{"labels":{"app":"d"}},"spec":{"containers":[{"name":"m","image":"x:1","env":[{"name":"A","value":""}],
          "ports":[{"containerPort":80,"protocol":"TCP"}],"args":["a"]}],"volumes":[{"name":"t","configMap":{"name":"q"}}]}}}}
        """;

    private static string ConfigMapWith(string data) => $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{{{data}}}}""";

    private static JsonElement.ArrayEnumerator Entries(JsonElement live) => live.GetProperty("metadata").GetProperty("managedFields").EnumerateArray();

    private static string Version(JsonElement live) => live.GetProperty("metadata").GetProperty("resourceVersion").GetString()!;

    private async Task<string> NewConfigMapPathAsync() => $"/api/v1/namespaces/{await stage.NewNamespaceAsync()}/configmaps/a";
}

public sealed class ContractOnSimulationTests(SimulationFixture stage) : ContractTests(stage);

public sealed class ContractOnRealServerTests(KubernetesFixture stage) : ContractTests(stage);
