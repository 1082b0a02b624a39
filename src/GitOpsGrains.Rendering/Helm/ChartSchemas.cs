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
    private const int MaxDepth = 256;
    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];

    /// <param name="folder">The exported chart.</param>
    public static async Task<ManifestFault?> FaultInAsync(string folder, CancellationToken cancellationToken)
    {
        foreach (var file in System.IO.Directory.EnumerateFiles(folder, Name, SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            if (ReasonAgainst(await File.ReadAllBytesAsync(file, cancellationToken)) is { } reason)
                return new ManifestFault(Path.GetRelativePath(folder, file), null, null, $"{reason}, or set helm.skipSchemaValidation");
        }
        return null;
    }

    /// <summary>Why helm must not read it; null when it may.</summary>
    public static string? ReasonAgainst(ReadOnlyMemory<byte> schema)
    {
        try
        {
            // Helm passes over a byte order mark, too.
            var text = schema.Span.StartsWith(ByteOrderMark) ? schema[ByteOrderMark.Length..] : schema;
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = MaxDepth });
            return RefersElsewhere(document.RootElement) ? "the schema refers to another file or address, which is refused; put it into the schema" : null;
        }
        catch (JsonException)
        {
            // What can't be looked through here may still be read by helm.
            return $"the schema is no JSON of at most {MaxDepth} levels; mend it";
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
