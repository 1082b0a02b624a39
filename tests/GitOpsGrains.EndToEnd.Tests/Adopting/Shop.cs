using System.Text.Json;
using System.Text.Json.Nodes;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.DriftProof;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.EndToEnd.Tests.Adopting;

/// <summary>
/// A small live application in a namespace of its own (a Deployment with its pod, a Service, a ConfigMap) that some tool
/// made, and the repository whose manifests it was made of.
/// </summary>
internal sealed class Shop
{
    public const string Deployment = "deployments";
    public const string Service = "services";
    public const string ConfigMap = "configmaps";

    private readonly DriftFleet _fleet;
    private readonly GitWorkspace _work;
    private readonly Dictionary<string, JsonNode> _manifests = new()
    {
        [Deployment] = JsonNode.Parse("""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","labels":{"team":"shop"}},
             "spec":{"replicas":1,"selector":{"matchLabels":{"app":"web"}},
              "template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[
               {"name":"web","image":"registry.example.com/web:1","ports":[{"containerPort":8080}],"env":[{"name":"MODE","value":"fast"},{"name":"OLD","value":"1"}]}]}}}}
            """)!,
        [Service] = JsonNode.Parse("""
            {"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},"spec":{"selector":{"app":"web"},"ports":[{"port":80,"protocol":"TCP","targetPort":8080}]}}
            """)!,
        [ConfigMap] = JsonNode.Parse("""
            {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"web","labels":{"team":"shop"}},"data":{"a":"1","b":"2"}}
            """)!,
    };

    private Shop(DriftFleet fleet, GitWorkspace work)
    {
        (_fleet, _work) = (fleet, work);
        Space = Path.GetFileName(work.Folder);
    }

    public static string[] Kinds => [Deployment, Service, ConfigMap];

    public string Space { get; }

    public string Application => $"default/{Space}";

    public static async Task<Shop> CreateAsync(DriftFleet fleet) => new(fleet, await fleet.NewRepositoryAsync("shop"));

    /// <summary>What the tool is given: the manifests of Git, unless a test changes them.</summary>
    public JsonNode Manifest(string kind) => _manifests[kind].DeepClone();

    public string PathOf(string kind) => $"{CollectionOf(kind)}/web";

    /// <summary>As tools do that merge by themselves: a POST, which lists the server's defaults among the tool's fields.</summary>
    public Task CreateAsync(string kind, string manager, JsonNode manifest)
    {
        if (manager == "kubectl-client-side-apply") Annotate(manifest, "kubectl.kubernetes.io/last-applied-configuration", manifest.ToJsonString() + "\n");
        return _fleet.Kube.PostAsync($"{CollectionOf(kind)}?fieldManager={manager}", manifest.ToJsonString());
    }

    public Task ApplyAsync(string kind, string manager, JsonNode manifest) => _fleet.Kube.ApplyAsync(PathOf(kind), manifest.ToJsonString(), manager);

    public static void Annotate(JsonNode manifest, string name, string value) => Mark(manifest, "annotations", name, value);

    /// <param name="map">labels or annotations.</param>
    public static void Mark(JsonNode manifest, string map, string name, string value)
    {
        var metadata = manifest["metadata"]!.AsObject();
        if (metadata[map] is null) metadata[map] = new JsonObject();
        metadata[map]![name] = value;
    }

    public Task<JsonElement> ReadAsync(string kind) => _fleet.Kube.GetJsonAsync(PathOf(kind));

    /// <summary>Waits until the controllers have nothing to do any more, and returns what runs: names of ReplicaSets, uids of pods.</summary>
    public async Task<IReadOnlyList<string>> RunningAsync()
    {
        await Eventually.TrueAsync(async () =>
        {
            var live = await ReadAsync(Deployment);
            return live.GetProperty("status").TryGetProperty("observedGeneration", out var seen) && seen.GetInt64() == GenerationOf(live)
                && live.GetProperty("status").TryGetProperty("replicas", out var replicas) && replicas.GetInt32() == 1;
        }, "a Deployment that its controller is done with");
        var sets = await _fleet.Kube.GetJsonAsync($"/apis/apps/v1/namespaces/{Space}/replicasets");
        var pods = await _fleet.Kube.GetJsonAsync($"/api/v1/namespaces/{Space}/pods");
        return [.. sets.GetProperty("items").EnumerateArray().Select(item => item.Metadata("name")), .. pods.GetProperty("items").EnumerateArray().Select(item => item.Metadata("uid"))];
    }

    /// <summary>A quota that one Deployment and one Service use up: even a dry run of a second one is refused.</summary>
    public async Task ForbidMoreAsync()
    {
        var path = $"/api/v1/namespaces/{Space}/resourcequotas";
        await _fleet.Kube.PostAsync(path, """{"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"full"},"spec":{"hard":{"count/deployments.apps":"1","services":"1"}}}""");
        await Eventually.TrueAsync(
            async () => (await _fleet.Kube.GetJsonAsync($"{path}/full")).GetProperty("status").TryGetProperty("used", out var used) && used.GetProperty("services").GetString() == "1",
            "a quota that is used up");
    }

    public static long GenerationOf(JsonElement live) => live.GetProperty("metadata").GetProperty("generation").GetInt64();

    /// <summary>Changes a manifest of Git; it takes effect with <see cref="SyncAsync"/>.</summary>
    public void Change(string kind, Action<JsonNode> change) => change(_manifests[kind]);

    /// <summary>Commits the manifests and, when it is the first commit, has the product adopt what is there.</summary>
    public async Task SyncAsync(Predicate<ApplicationStatusView>? isWanted = null)
    {
        foreach (var (kind, manifest) in _manifests) await _work.WriteAsync($"app/{kind}.json", manifest.ToJsonString());
        await _work.WriteAsync("app/sentinel.yaml", Manifests.ConfigMap("sentinel", "1"));
        var commit = await _work.CommitAsync("Change the shop");
        await _work.PushAsync();
        if (await _fleet.Api.FindStatusAsync(Application) is null) await _fleet.Api.ApplyAsync(Manifests.Application(Space, Space));
        else await _fleet.Api.StartAsync(Application, "refresh");
        await _fleet.Api.WaitAsync(Application, status => status.Revision == commit && (isWanted ?? (seen => seen.Sync == "Synced"))(status), $"the wanted status at {commit}");
    }

    /// <summary>
    /// Has the product look at everything again: Git, a sync that a person asks for, and something else of the application
    /// that is put back, behind which everything older has been seen.
    /// </summary>
    public async Task LookAgainAsync()
    {
        await _fleet.Api.CommandAsync(Application, "refresh");
        Assert.Equal(OperationPhase.Succeeded, (await _fleet.Api.CommandAsync(Application, "sync")).Phase);
        var path = KubeExtensions.ConfigMapPath(Space, "sentinel");
        await _fleet.Kube.PatchAsync(path, """{"data":{"value":"touched"}}""", manager: "somebody");
        await _fleet.Kube.WaitValueAsync(Space, "sentinel", "1");
    }

    /// <summary>All that the product asked about the objects, without lists and watches, in order.</summary>
    public IReadOnlyList<AuditedRequest> Requests(string? kind = null) =>
        [.. _fleet.Audit.Read().Where(request => request.Namespace == Space && request.Verb is not ("list" or "watch") && request.Name != "sentinel"
            && (kind is null ? Kinds.Contains(request.Resource) : request.Resource == kind))];

    public int Writes(string kind) => Requests(kind).Count(request => request.IsWrite);

    private string CollectionOf(string kind) => $"{(kind == Deployment ? "/apis/apps/v1" : "/api/v1")}/namespaces/{Space}/{kind}";
}
