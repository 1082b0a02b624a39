using System.Text.Json;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Simulation.Clusters;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.EndToEnd.Tests.InProcess;

/// <summary>
/// What one test works with: a Git repository and a namespace of its own, both of one name, on a cluster that it may share
/// with other tests (one API server can have one Cluster document only).
/// </summary>
public sealed class Scene
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private readonly ApiServer? _server;
    private readonly SimulatedCluster? _simulation;
    private string _more = "";

    private Scene(InProcessHost host, ClusterPlace place, GitServer git, GitWorkspace work, string name)
    {
        (Host, Git, Work, Name, _server, _simulation) = (host, git, work, name, place.Server, place.Simulation);
        (Kube, Cluster, Kubeconfig) = (place.Kube, place.Cluster, place.Kubeconfig);
    }

    public InProcessHost Host { get; }

    /// <summary>Of a scene on a real server.</summary>
    public ApiServer Server => _server ?? throw new InvalidOperationException("the scene is on a simulated cluster");

    /// <summary>Of a scene on a simulated cluster.</summary>
    public SimulatedCluster Simulation => _simulation ?? throw new InvalidOperationException("the scene is on a real server");

    /// <summary>Acts as the cluster's administrator.</summary>
    public ApiClient Kube { get; }

    public GitServer Git { get; }
    public GitWorkspace Work { get; }

    /// <summary>Of the repository and the namespace.</summary>
    public string Name { get; }

    /// <summary>The Cluster document's name.</summary>
    public string Cluster { get; }

    public string Kubeconfig { get; }

    public FleetRest Rest => Host.Rest;

    public static string KubeconfigOf(ApiServer server, string cluster) => Path.Combine(server.Folder, $"{cluster}.yaml");

    /// <summary>A scene with repository and cluster registered, and without a commit. The kubeconfig must be there.</summary>
    public static Task<Scene> CreateAsync(InProcessHost host, ApiServer server, GitServer git, string cluster) =>
        CreateAsync(host, new ClusterPlace(server.Client, cluster, KubeconfigOf(server, cluster), server), git);

    public static async Task<Scene> CreateAsync(InProcessHost host, ClusterPlace place, GitServer git)
    {
        var name = $"t{Guid.NewGuid():N}"[..10];
        var scene = new Scene(host, place, git, await git.CreateRepositoryAsync(name), name);
        await place.Kube.CreateNamespaceAsync(name);
        await scene.PutRepositoryAsync();
        await scene.PutClusterAsync();
        return scene;
    }

    /// <param name="more">Of the spec, for example ", verification: {…}".</param>
    public Task PutRepositoryAsync(string interval = "5s", string more = "")
    {
        _more = more;
        return Rest.ApplyAsync($$"""
            apiVersion: gitopsgrains.io/v1
            kind: Repository
            metadata: {name: "{{Name}}"}
            spec: {url: "{{Work.Url}}", poll: {interval: {{interval}} }{{more}} }
            """);
    }

    /// <summary>The repository is polled no more.</summary>
    public Task PutToRestAsync() => PutRepositoryAsync("24h", _more);

    public Task PutClusterAsync(string label = "first") => Rest.ApplyAsync($$"""
        apiVersion: gitopsgrains.io/v1
        kind: Cluster
        metadata: {name: {{Cluster}}, labels: {try: "{{label}}"} }
        spec: {kubeconfig: {file: "{{Kubeconfig}}"} }
        """);

    /// <summary>An application that syncs, prunes and heals by itself.</summary>
    public Task PutApplicationAsync(
        string application, string? path = null, string reference = "main", string prune = "true", string? space = null, string sync = "", bool selfHeal = true) => Rest.ApplyAsync($$"""
        apiVersion: gitopsgrains.io/v1
        kind: Application
        metadata: {name: "{{Of(application)}}"}
        spec:
          source: {repository: {{Name}}, ref: {{reference}}, path: {{path ?? application}}}
          destination: {clusters: [{{Cluster}}], namespace: {{space ?? Name}}}
          sync: {automated: true, prune: {{prune}}, selfHeal: {{(selfHeal ? "true" : "false")}}, retry: {limit: 2, backoff: {duration: 1s, factor: 1, max: 1s} }{{sync}} }
        """);

    /// <summary>The name of an application of this scene.</summary>
    public string Of(string application) => $"{Name}-{application}";

    /// <summary>Writes a ConfigMap's manifest into the working copy.</summary>
    public Task WriteConfigMapAsync(string file, string name, string value) => Work.WriteAsync(file, ConfigMap(name, value));

    public static string ConfigMap(string name, string value, string more = "") =>
        $$"""
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: {{name}}{{more}}}
        data: {key: {{value}}}

        """;

    /// <summary>Commits and pushes everything, and has the applications look at once.</summary>
    public async Task<string> PushAsync(string message, params string[] applications)
    {
        var commit = await Work.CommitAsync(message);
        await Work.PushAsync();
        foreach (var application in applications) await Rest.CommandAsync(Of(application), "refresh");
        return commit;
    }

    public Task<ApplicationView> GetAsync(string application) => Rest.GetApplicationAsync(Of(application));

    public Task<TargetView> GetTargetAsync(string application) => Rest.GetTargetAsync(Of(application), Cluster);

    /// <summary>Waits until the application says that it is synced at the commit, and nothing else.</summary>
    public async Task SyncedAsync(string application, string commit, TimeSpan? patience = null)
    {
        try
        {
            await Eventually.GetAsync(async () => Told(await GetAsync(application)), told => told == $"Synced {commit}", $"{application}: Synced {commit}", patience ?? Patience);
        }
        catch (TimeoutException late)
        {
            var target = await GetTargetAsync(application);
            throw new TimeoutException($"{late.Message}; its target: {target.Sync} {target.Revision}, {target.Operation?.Phase} {target.Operation?.Message}, "
                + string.Join(", ", (target.Objects ?? []).Select(item => $"{item.Id} {item.Sync} {item.Message}")), late);
        }
    }

    /// <summary>Waits for exactly these conditions (their beginnings apart), in order.</summary>
    public async Task ConditionsAsync(string application, params ConditionView[] expected)
    {
        ConditionView[] last = [];
        try
        {
            await Eventually.TrueAsync(
                async () => (last = Plain(await GetAsync(application))).SequenceEqual(expected), $"the conditions of {application}", Patience);
        }
        catch (TimeoutException)
        {
            Assert.Equal(expected, last);
            throw;
        }
    }

    /// <summary>The first condition of a type, when it shows.</summary>
    public async Task<ConditionView> ConditionAsync(string application, string type)
    {
        ConditionView? found = null;
        await Eventually.GetAsync(async () =>
        {
            var view = await GetAsync(application);
            found = Plain(view).FirstOrDefault(condition => condition.Type == type);
            return Told(view);
        }, _ => found is not null, $"a condition {type} on {application}", Patience);
        return found!;
    }

    /// <summary>
    /// What the history tells of the commit's last operation, once it is there: "Synced" can be seen before it, as an operation ends
    /// only when its objects are healthy.
    /// </summary>
    public async Task<HistoryView> HistoryAsync(string application, string commit)
    {
        HistoryView? found = null;
        await Eventually.TrueAsync(async () => (found = (await HistoryAsync(application)).FirstOrDefault(entry => entry.Revision == commit)) is not null,
            $"{application}: {commit} in the history", Patience);
        return found!;
    }

    /// <summary>The history as it is now, the newest first.</summary>
    public async Task<IReadOnlyList<HistoryView>> HistoryAsync(string application) =>
        (await Rest.GetAsync<ListView<HistoryView>>($"applications/default/{Of(application)}/history")).Items;

    public string ConfigMapPath(string name) => $"/api/v1/namespaces/{Name}/configmaps/{name}";

    public async Task<LiveConfigMap?> FindAsync(string name) =>
        await Kube.FindJsonAsync(ConfigMapPath(name)) is { } live ? LiveConfigMap.Of(live) : null;

    public async Task<LiveConfigMap> FindLiveAsync(string name) =>
        await FindAsync(name) ?? throw new InvalidOperationException($"there is no ConfigMap {name}");

    public string IdOf(string configMap) => $"/ConfigMap:{Name}/{configMap}";

    private static string Told(ApplicationView view) => string.Join("; ",
        view.Status.Conditions.Select(condition => $"{condition.Type} {condition.Object}: {condition.Message}").Prepend($"{view.Status.Sync} {view.Status.Revision}"));

    private static ConditionView[] Plain(ApplicationView view) => [.. view.Status.Conditions.Select(condition => condition with { Since = default })];
}

/// <summary>Where a scene plays: a real server, or a simulated cluster, which has none.</summary>
public sealed record ClusterPlace(ApiClient Kube, string Cluster, string Kubeconfig, ApiServer? Server = null, SimulatedCluster? Simulation = null);

/// <summary>A live ConfigMap, as far as tests compare it.</summary>
public sealed record LiveConfigMap(string Uid, string ResourceVersion, string? Value)
{
    public static LiveConfigMap Of(JsonElement live)
    {
        var metadata = live.GetProperty("metadata");
        var value = live.TryGetProperty("data", out var data) && data.TryGetProperty("key", out var key) ? key.GetString() : null;
        return new LiveConfigMap(metadata.GetProperty("uid").GetString()!, metadata.GetProperty("resourceVersion").GetString()!, value);
    }
}
