using GitOpsGrains.Engine.Manifests;

namespace GitOpsGrains.Grains.Repositories;

/// <summary>Makes one set of the sets of an application's sources. Pure.</summary>
internal static class SourceSets
{
    /// <summary>A set, or why there is none: an object of two sources is a fault that names both files.</summary>
    /// <param name="parts">Null: the set is not at hand any more.</param>
    public static (ManifestSet? Set, IReadOnlyList<ManifestFault> Faults) Join(IReadOnlyList<(RenderPart Part, ManifestSet? Set)> parts, RenderLimits limits)
    {
        if (parts.Any(item => item.Set is null)) return Refused("the manifests of the sources do not fit into the memory together");
        var objects = parts.Sum(item => item.Set!.Objects.Count);
        if (objects > limits.MaxObjects) return Refused($"the sources have {objects} objects together, more than the {limits.MaxObjects} that an application may have");
        var bytes = parts.Sum(item => item.Set!.Objects.Sum(manifest => (long)manifest.Json.Length));
        if (bytes > limits.MaxTotalBytes) return Refused($"the objects of the sources have {bytes} bytes together, more than the {limits.MaxTotalBytes} that an application may have");
        return ManifestSets.Combine(parts.SelectMany(item => item.Set!.Objects.Select(manifest =>
            manifest with { Position = manifest.Position with { File = item.Part.PositionOf(manifest.Position.File) } })));
    }

    private static (ManifestSet?, IReadOnlyList<ManifestFault>) Refused(string reason) => (null, [new ManifestFault(".", null, null, reason)]);
}
