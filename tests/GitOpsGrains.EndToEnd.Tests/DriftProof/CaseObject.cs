using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Health;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.EndToEnd.Tests.DriftProof;

/// <summary>The object of one case: what Git wants, our line to the cluster, and what other people do to it.</summary>
public sealed class CaseObject
{
    private static readonly TrackingOwner Nobody = new("default", "default", "drift");

    private readonly TrackingOwner _owner;

    private CaseObject(ApiServer server, IClusterConnection connection, ApiCatalog catalog, string space, TrackingOwner owner, DesiredObject desired)
    {
        _owner = owner;
        (Server, Connection, Catalog, Space, Desired) = (server, connection, catalog, space, desired);
        var version = desired.ApiVersion[(desired.ApiVersion.IndexOf('/', StringComparison.Ordinal) + 1)..];
        Resource = catalog.Find(desired.Id.Group, version, desired.Id.Kind) ?? throw new InvalidOperationException($"no kind {desired.Id.Kind} in {desired.ApiVersion}");
    }

    public ApiServer Server { get; }
    public IClusterConnection Connection { get; }
    public ApiCatalog Catalog { get; }
    public string Space { get; }
    public DesiredObject Desired { get; private set; }
    public ApiResource Resource { get; }

    /// <summary>What the store held earlier, for cases that bring it back.</summary>
    public byte[]? Saved { get; set; }

    /// <summary>Everyone else: a client with no code of the product.</summary>
    public ApiClient Rogue => Server.Client;

    public string Path => PathOf(Desired.ApiVersion);

    /// <summary>The object's address in another version of its group.</summary>
    public string PathOf(string apiVersion) =>
        $"{(apiVersion.Contains('/', StringComparison.Ordinal) ? "/apis/" : "/api/")}{apiVersion}{(Resource.Namespaced ? $"/namespaces/{Space}" : "")}/{Resource.Plural}/{Desired.Id.Name}";

    /// <param name="owner">Who applies it; null where that does not matter.</param>
    public static CaseObject Of(
        ApiServer server, IClusterConnection connection, ApiCatalog catalog, string space, string manifest, TrackingOwner? owner = null) =>
        new(server, connection, catalog, space, owner ?? Nobody, Build(manifest, catalog, space, owner ?? Nobody));

    /// <summary>Git wants something else from now on.</summary>
    public void Want(string manifest) => Desired = Build(manifest, Catalog, Space, _owner);

    public async Task<LiveObject> ApplyAsync(bool dryRun = false)
    {
        var read = await Connection.GetAsync(Resource, Desired.Id, CancellationToken.None);
        var body = read.IsSuccess ? Desired.FencedBody(read.Value.Uid, read.Value.ResourceVersion) : Desired.Body;
        var answer = await Connection.ApplyAsync(Resource, Desired.Id, body, new ApplyOptions(dryRun, Force: true), CancellationToken.None);
        return answer.Value ?? throw new InvalidOperationException($"{answer.Error!.StatusCode} {answer.Error.Message}");
    }

    /// <summary>The object, or null where there is none.</summary>
    public async Task<LiveObject?> ReadAsync()
    {
        var read = await Connection.GetAsync(Resource, Desired.Id, CancellationToken.None);
        return read.IsSuccess || read.Error.Kind == ClusterErrorKind.NotFound ? read.Value : throw new InvalidOperationException(read.Error.Message);
    }

    /// <summary>The object in the shape that the watch of its kind shows it; null when it shows none with our label.</summary>
    public async Task<ObservedObject?> ObserveAsync()
    {
        var full = HealthAssessor.BuiltIn.NeedsFullWatch(Desired.Id.Group, Desired.Id.Kind);
        // Watched in the version that the server prefers, whatever the manifest says.
        var watched = Catalog.Find(Desired.Id.Group, Desired.Id.Kind)!;
        var query = new ListQuery(Resource.Namespaced ? Space : "", Tracking.Selector, !full, 500, null);
        var listed = await Connection.ListAsync(watched, query, CancellationToken.None);
        if (!listed.IsSuccess) throw new InvalidOperationException(listed.Error.Message);
        return listed.Value.Objects.Where(live => live.Id == Desired.Id).Select(live => ObservedObject.From(live, full, HealthAssessor.BuiltIn)).SingleOrDefault();
    }

    public Task<JsonElement> GetJsonAsync() => Rogue.GetJsonAsync(Path);

    public Task MergeAsync(string patch, string manager = "kubectl-edit") => Rogue.PatchAsync(Path, Fill(patch), manager: manager);

    public Task JsonPatchAsync(string patch, string manager = "rogue") => Rogue.PatchAsync(Path, Fill(patch), "application/json-patch+json", manager);

    public Task StrategicAsync(string patch, string manager = "kubectl-set") => Rogue.PatchAsync(Path, Fill(patch), "application/strategic-merge-patch+json", manager);

    public Task MergeInAsync(string subresource, string patch, string manager = "controller") => Rogue.PatchAsync($"{Path}/{subresource}", Fill(patch), manager: manager);

    /// <summary>Reads the object, changes it and puts it back whole.</summary>
    public async Task PutAsync(Action<JsonNode> change, string manager = "rogue")
    {
        var json = JsonNode.Parse((await GetJsonAsync()).GetRawText())!;
        change(json);
        await Rogue.PutAsync($"{Path}?fieldManager={manager}", json.ToJsonString());
    }

    /// <summary>Server-side apply of a body in another manager's name, or in ours.</summary>
    public Task RogueApplyAsync(string body, string manager = "rogue") => Rogue.ApplyAsync(Path, Fill(body), manager);

    /// <summary>Our own body with a change, applied under our own name: a second installation, a silo that was declared dead.</summary>
    public Task ZombieAsync(Action<JsonNode> change) => OwnBodyAsync(change, Tracking.FieldManager);

    public Task OwnBodyAsync(Action<JsonNode> change, string manager)
    {
        var body = JsonNode.Parse(Desired.Body.Span)!;
        change(body);
        return Rogue.ApplyAsync(Path, body.ToJsonString(), manager);
    }

    public string Fill(string text) => Fill(text, Catalog, Space);

    public static string Fill(string text, ApiCatalog catalog, string space) => text
        .Replace("$NAME", space, StringComparison.Ordinal)
        .Replace("$HPA2", catalog.Find("autoscaling", "v2", "HorizontalPodAutoscaler") is null ? "v2beta2" : "v2", StringComparison.Ordinal);

    private static DesiredObject Build(string manifest, ApiCatalog catalog, string space, TrackingOwner owner)
    {
        var parsed = ManifestParser.Parse("case.yaml", Encoding.UTF8.GetBytes(Fill(manifest, catalog, space)), RenderLimits.Default);
        var (set, faults) = ManifestSets.Combine(parsed.Objects);
        if (parsed.Faults.Concat(faults).FirstOrDefault() is { } fault) throw new InvalidOperationException(fault.ToString());
        var built = DesiredState.Build(set!, catalog, space, owner);
        return built.Faults.Count == 0 ? built.Objects.Single() : throw new InvalidOperationException(built.Faults[0].ToString());
    }
}
