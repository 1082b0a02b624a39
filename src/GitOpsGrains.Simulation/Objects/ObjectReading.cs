using System.Text.Json;
using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Clusters;
using GitOpsGrains.Simulation.Fields;
using GitOpsGrains.Simulation.Schemas;

namespace GitOpsGrains.Simulation.Objects;

/// <summary>Makes objects of what clients send, or says in a server's words why it is none.</summary>
internal static class ObjectReading
{
    /// <summary>The body is kept by the object and must not change.</summary>
    public static JsonNode Parse(ReadOnlyMemory<byte> body)
    {
        if (Http.ProtobufBody.Is(body.Span)) return Http.ProtobufBody.Read(body.Span);
        try
        {
            return JsonNode.Parse(body, StoredObject.MaxDepth) ?? throw ApiException.BadRequest("the request has no object");
        }
        catch (JsonException)
        {
            throw ApiException.BadRequest("the request is not JSON, or has a name twice");
        }
    }

    public static JsonObject ParseObject(ReadOnlyMemory<byte> body) =>
        Parse(body) as JsonObject ?? throw ApiException.BadRequest("the request is no object");

    /// <summary>Kind, name and namespace must be those of the address.</summary>
    public static void CheckIdentity(JsonObject node, ObjectAddress address)
    {
        var kind = address.Kind;
        var (said, version) = (node["kind"]?.ToString(), node["apiVersion"]?.ToString());
        if (said != kind.Kind || version != kind.ApiVersion)
            throw ApiException.BadRequest($"{said ?? ""} in version \"{version}\" cannot be handled as a {kind.Kind}: the path is of {kind.ApiVersion}");
        if (node["metadata"] is not (null or JsonObject)) throw ApiException.BadRequest("metadata is an object");
        var metadata = ObjectMetadata.Of(node);
        var name = metadata["name"]?.ToString() ?? "";
        if (address.Name.Length > 0 && name.Length == 0) metadata["name"] = address.Name;
        else if (address.Name.Length > 0 && name != address.Name)
            throw ApiException.BadRequest($"the name of the object ({name}) does not match the name on the URL ({address.Name})");
        var space = metadata["namespace"]?.ToString() ?? "";
        if (space.Length > 0 && space != address.Namespace)
            throw ApiException.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        if (kind.Namespaced) metadata["namespace"] = address.Namespace;
        else metadata.Remove("namespace");
    }

    /// <summary>Types of the built-in API are decoded: a value of another type is refused before anything else is looked at.</summary>
    public static void CheckDecodes(JsonNode? value, SchemaType type, ResourceKind kind)
    {
        if (!Decodes(value, type)) RefuseToDecode(value, type, kind, "");
    }

    private static bool Decodes(JsonNode? value, SchemaType type)
    {
        if (value is null || type.Kind == SchemaKind.Any) return true;
        if (!TypedValue.IsOf(value, type) || (type.Kind == SchemaKind.Base64 && !IsBase64(value.ToString()))) return false;
        if (value is JsonObject map)
        {
            foreach (var (name, child) in map)
                if (type.Member(name) is { } member && !Decodes(child, member)) return false;
        }
        else if (value is JsonArray list)
        {
            foreach (var item in list)
                if (item is null || !Decodes(item, type.Item)) return false;
        }

        return true;
    }

    /// <summary>Once more, with the path of the fault.</summary>
    private static void RefuseToDecode(JsonNode? value, SchemaType type, ResourceKind kind, string path)
    {
        if (value is null) return;
        if (!TypedValue.IsOf(value, type))
            throw ApiException.BadRequest($"{kind.Kind} in version \"{kind.Version}\" cannot be handled as a {kind.Kind}: json: cannot unmarshal {path} into {TypedValue.Name(type)}");
        if (type.Kind == SchemaKind.Base64 && !IsBase64(value.ToString()))
            throw ApiException.BadRequest($"{kind.Kind} in version \"{kind.Version}\" cannot be handled as a {kind.Kind}: illegal base64 data in {path}");
        if (value is JsonObject map)
        {
            foreach (var (name, child) in map)
                if (type.Member(name) is { } member) RefuseToDecode(child, member, kind, $"{path}.{name}");
        }
        else if (value is JsonArray list)
        {
            if (list.Any(static item => item is null)) throw ApiException.BadRequest($"{kind.Kind} in version \"{kind.Version}\" cannot be handled as a {kind.Kind}: a null in {path}");
            foreach (var item in list) RefuseToDecode(item, type.Item, kind, $"{path}[]");
        }
    }

    private static bool IsBase64(string text) => Convert.TryFromBase64String(text, new byte[text.Length], out _);
}
