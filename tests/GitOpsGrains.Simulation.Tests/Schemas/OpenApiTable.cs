using System.Text.Json;

namespace GitOpsGrains.Simulation.Tests.Schemas;

/// <summary>Types out of a server's /openapi/v2, written as kubernetes.txt writes them.</summary>
internal sealed class OpenApiTable
{
    private static readonly string[] Prefixes = ["io.k8s.api.", "io.k8s.apimachinery.pkg.apis.", "io.k8s.apiextensions-apiserver.pkg.apis.", "io.k8s.kube-aggregator.pkg.apis."];

    private readonly Dictionary<string, JsonElement> _definitions;

    public OpenApiTable(JsonElement document) =>
        _definitions = document.GetProperty("definitions").EnumerateObject().DistinctBy(static definition => Short(definition.Name)).ToDictionary(static definition => Short(definition.Name), static definition => definition.Value);

    /// <summary>"type NAME [!] [REQUIRED]" and "NAME FIELD TYPE" for each field; null for a type that the server doesn't know.</summary>
    public IEnumerable<string>? Lines(string name)
    {
        if (!_definitions.TryGetValue(name, out var definition)) return null;
        var head = $"type {name}{(Text(definition, "x-kubernetes-map-type") == "atomic" ? " !" : "")}";
        if (definition.TryGetProperty("required", out var required)) head += $" {string.Join(',', required.EnumerateArray())}";
        var fields = definition.TryGetProperty("properties", out var properties) ? properties.EnumerateObject().Select(field => $"{name} {field.Name} {Type(field.Value)}") : [];
        return fields.Prepend(head);
    }

    private string Type(JsonElement value)
    {
        if (Text(value, "$ref") is { } reference) return Reference(Short(reference[(reference.LastIndexOf('/') + 1)..]));
        return (Text(value, "type"), Text(value, "format")) switch
        {
            ("string", "byte") => "y",
            ("string", "date-time") => "t",
            ("string", _) => "s",
            ("integer", _) => "i",
            ("number", _) => "n",
            ("boolean", _) => "b",
            ("array", _) => List(value) + Type(value.GetProperty("items")),
            _ when value.TryGetProperty("additionalProperties", out var element) => (Text(value, "x-kubernetes-map-type") == "atomic" ? "!{}" : "{}") + Type(element),
            _ => "*",
        };
    }

    private string Reference(string name)
    {
        if (name.EndsWith("Quantity", StringComparison.Ordinal)) return "q";
        if (name.EndsWith("IntOrString", StringComparison.Ordinal)) return "x";
        var definition = _definitions[name];
        if (Text(definition, "format") == "date-time") return "t";
        return definition.TryGetProperty("properties", out _) ? $"@{name}" : "*";
    }

    /// <summary>By its own words, else by how a strategic merge patch takes it, as servers do.</summary>
    private static string List(JsonElement value)
    {
        var patchKey = Text(value, "x-kubernetes-patch-strategy")?.Split(',').Contains("merge") == true ? Text(value, "x-kubernetes-patch-merge-key") ?? "" : null;
        switch (Text(value, "x-kubernetes-list-type"))
        {
            case "map":
                string[] keys = [.. value.GetProperty("x-kubernetes-list-map-keys").EnumerateArray().Select(static key => key.GetString()!)];
                return patchKey == keys[0] ? $"[{string.Join(',', keys)}]" : $"[{string.Join(',', keys)}|{patchKey}]";
            case "set":
                return "[=]";
            case "atomic":
                return "[!]";
            default:
                return patchKey is null ? "[!]" : patchKey.Length > 0 ? $"[{patchKey}]" : "[=]";
        }
    }

    private static string? Text(JsonElement value, string name) => value.TryGetProperty(name, out var text) ? text.GetString() : null;

    private static string Short(string name) => Prefixes.FirstOrDefault(prefix => name.StartsWith(prefix, StringComparison.Ordinal)) is { } found ? name[found.Length..] : name;
}
