using GitOpsGrains.Engine.Manifests;

namespace GitOpsGrains.Rendering;

/// <summary>Makes the result of a render out of its parsed files. Pure.</summary>
internal static class RenderResults
{
    public static RenderResult Faulty(RenderKey key, params IReadOnlyList<ManifestFault> faults) => new(key, null, faults);

    public static RenderResult Combine(RenderKey key, IReadOnlyList<ManifestParseResult> parsed, RenderLimits limits)
    {
        var faults = parsed.SelectMany(result => result.Faults).ToList();
        var variables = parsed.SelectMany(result => result.Variables).ToHashSet(StringComparer.Ordinal);
        if (faults.Count > 0) return new RenderResult(key, null, faults) { Variables = variables };
        var objects = parsed.Sum(result => result.Objects.Count);
        if (objects > limits.MaxObjects)
            return new RenderResult(key, null, [new ManifestFault(".", null, null, $"the source has {objects} objects, more than the {limits.MaxObjects} that one may have")]);
        var (set, duplicates) = ManifestSets.Combine(parsed.SelectMany(result => result.Objects));
        return new RenderResult(key, set, duplicates)
        {
            Variables = variables,
        };
    }
}
