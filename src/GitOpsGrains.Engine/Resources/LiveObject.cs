using System.Runtime.InteropServices;
using System.Text.Json;
using GitOpsGrains.Abstractions.Identity;

namespace GitOpsGrains.Engine.Resources;

/// <summary>
/// One object as a cluster answered it, whole or as metadata only. Immutable; the JSON is parsed once.
/// </summary>
public sealed class LiveObject
{
    private readonly JsonElement _metadata;

    private LiveObject(JsonElement root, string apiVersion, string kind)
    {
        Root = root;
        ApiVersion = apiVersion;
        _metadata = root.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object ? metadata : default;
        var slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        Id = new ResourceId(slash < 0 ? "" : apiVersion[..slash], kind, Text("namespace"), Text("name"));
        Uid = Text("uid");
        ResourceVersion = Text("resourceVersion");
        Generation = Has("generation", out var generation) && generation.TryGetInt64(out var number) ? number : null;
        IsDeleting = Has("deletionTimestamp", out _);
    }

    public JsonElement Root { get; }
    public string ApiVersion { get; }
    public ResourceId Id { get; }
    public string Uid { get; }
    public string ResourceVersion { get; }

    /// <summary>Null for kinds that have none (ConfigMap, Secret, Service, RBAC …).</summary>
    public long? Generation { get; }

    /// <summary>A deletion began; finalizers may hold it.</summary>
    public bool IsDeleting { get; }

    public JsonElement Metadata => _metadata;

    public string? Label(string name) => Value("labels", name);

    public string? Annotation(string name) => Value("annotations", name);

    /// <summary>
    /// Reads a JSON object. List items and metadata-only answers lack their own apiVersion and kind: they are given.
    /// Errors: <see cref="JsonException"/> when it is no object, has no metadata.name, or a string in it is not Unicode.
    /// </summary>
    public static LiveObject From(JsonElement root, string apiVersion, string kind)
    {
        if (root.ValueKind != JsonValueKind.Object) throw new JsonException("a Kubernetes object is a JSON object");
        // Found here, where the answer comes in: reading such a string throws, wherever that would be.
        if (!UnicodeText.IsWhole(JsonMarshal.GetRawUtf8Value(root))) throw new JsonException("an object holds a string that is not Unicode");
        var live = new LiveObject(root, apiVersion, kind);
        return live.Id.Name.Length > 0 ? live : throw new JsonException("a Kubernetes object has a metadata.name");
    }

    private string Text(string name) => Has(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private bool Has(string name, out JsonElement value)
    {
        value = default;
        return _metadata.ValueKind == JsonValueKind.Object && _metadata.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;
    }

    private string? Value(string map, string name) =>
        Has(map, out var values) && values.ValueKind == JsonValueKind.Object
        && values.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
