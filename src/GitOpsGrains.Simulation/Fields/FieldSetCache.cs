using GitOpsGrains.Simulation.Json;

namespace GitOpsGrains.Simulation.Fields;

/// <summary>
/// Sets by their JSON: objects of one shape have the same. Each place holds the last set that fell on it, so that nobody can fill it.
/// </summary>
internal static class FieldSetCache
{
    private const int Places = 512;
    private const int Longest = 8192;

    private static readonly Entry?[] Entries = new Entry?[Places];

    /// <summary>Errors: FormatException, JsonException.</summary>
    public static FieldSet Get(ReadOnlySpan<byte> json)
    {
        if (json.Length > Longest) return FieldSet.Parse(JsonNode.Parse(json.ToArray(), Clusters.StoredObject.StoredDepth));
        var hash = default(HashCode);
        hash.AddBytes(json);
        ref var place = ref Entries[(uint)hash.ToHashCode() % Places];
        if (place is { } known && json.SequenceEqual(known.Json)) return known.Fields;
        var copy = json.ToArray();
        var entry = new Entry(copy, FieldSet.Parse(JsonNode.Parse(copy, Clusters.StoredObject.StoredDepth)));
        place = entry;
        return entry.Fields;
    }

    private sealed record Entry(byte[] Json, FieldSet Fields);
}
