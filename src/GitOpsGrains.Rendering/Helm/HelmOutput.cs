using GitOpsGrains.Engine.Manifests;

namespace GitOpsGrains.Rendering.Helm;

/// <summary>Cuts what <c>helm template</c> prints into the templates that it came from. Pure.</summary>
internal static class HelmOutput
{
    private const string Unnamed = "templates";

    /// <summary>A document marker can't occur inside a value, so this is helm's own line (or one that a template imitates, which only misleads about names).</summary>
    private static ReadOnlySpan<byte> Marker => "---\n# Source: "u8;

    public static IReadOnlyList<ManifestParseResult> Parse(ReadOnlySpan<byte> output, RenderLimits limits, Substitution? substitution)
    {
        var files = new Dictionary<string, MemoryStream>(StringComparer.Ordinal);
        var file = output.StartsWith(Marker) ? NameIn(output) : Unnamed;
        while (!output.IsEmpty)
        {
            var next = Next(output);
            if (!files.TryGetValue(file, out var text)) files[file] = text = new MemoryStream();
            text.Write(output[..next]);
            output = output[next..];
            if (!output.IsEmpty) file = NameIn(output);
        }
        return [.. files.Select(entry => ManifestParser.Parse(entry.Key, entry.Value.ToArray(), limits, substitution))];
    }

    /// <summary>Where the next template begins, at least one byte on.</summary>
    private static int Next(ReadOnlySpan<byte> output)
    {
        for (var at = 1; at < output.Length;)
        {
            var found = output[at..].IndexOf(Marker);
            if (found < 0) return output.Length;
            if (output[at + found - 1] == (byte)'\n') return at + found;
            at += found + 1;
        }
        return output.Length;
    }

    /// <summary>The template's path inside the chart; helm puts the chart's name before it.</summary>
    private static string NameIn(ReadOnlySpan<byte> output)
    {
        var line = output[Marker.Length..];
        var end = line.IndexOf((byte)'\n');
        var name = System.Text.Encoding.UTF8.GetString(end < 0 ? line : line[..end]).TrimEnd('\r');
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 || name.Length > 1024 ? Unnamed : name[(slash + 1)..];
    }
}
