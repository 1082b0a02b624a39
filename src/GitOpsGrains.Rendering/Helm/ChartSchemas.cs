using System.Text.Json;
using GitOpsGrains.Engine.Manifests;

namespace GitOpsGrains.Rendering.Helm;

/// <summary>
/// Helm loads what the schema of a chart's values refers to, from this machine's files and over the network. Only references
/// into the schema itself are let through.
/// </summary>
internal static class ChartSchemas
{
    private const string Name = "values.schema.json";

    /// <param name="folder">The exported chart.</param>
    public static async Task<ManifestFault?> FaultInAsync(string folder, CancellationToken cancellationToken)
    {
        foreach (var file in System.IO.Directory.EnumerateFiles(folder, Name, SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            if (!RefersElsewhere(await File.ReadAllBytesAsync(file, cancellationToken))) continue;
            return new ManifestFault(Path.GetRelativePath(folder, file), null, null,
                "the schema refers to another file or address, which is refused; put it into the schema, or set helm.skipSchemaValidation");
        }
        return null;
    }

    public static bool RefersElsewhere(ReadOnlyMemory<byte> schema)
    {
        try
        {
            using var document = JsonDocument.Parse(schema, new JsonDocumentOptions { MaxDepth = 256 });
            return RefersElsewhere(document.RootElement);
        }
        catch (JsonException)
        {
            // Not JSON, or nested without end: helm reads nothing of it either, and says so.
            return false;
        }
    }

    private static bool RefersElsewhere(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().Any(member => IsElsewhere(member) || RefersElsewhere(member.Value)),
        JsonValueKind.Array => element.EnumerateArray().Any(RefersElsewhere),
        _ => false,
    };

    private static bool IsElsewhere(JsonProperty member)
    {
        if (member.Value.ValueKind != JsonValueKind.String) return false;
        var text = member.Value.GetString()!;
        return member.Name switch
        {
            "$ref" or "$dynamicRef" or "$recursiveRef" => !text.StartsWith('#'),
            // The schema's dialects are known to helm; another one would be loaded.
            "$schema" => !text.StartsWith("http://json-schema.org/", StringComparison.Ordinal) && !text.StartsWith("https://json-schema.org/", StringComparison.Ordinal),
            _ => false,
        };
    }
}
