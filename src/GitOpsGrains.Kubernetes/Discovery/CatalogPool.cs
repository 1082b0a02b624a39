using System.Collections.Concurrent;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Kubernetes.Discovery;

/// <summary>Clusters that serve the same kinds share one catalog; a fleet mostly has few versions. Safe for concurrent use.</summary>
internal sealed class CatalogPool
{
    private readonly ConcurrentDictionary<Digest, WeakReference<ApiCatalog>> _known = [];

    /// <summary>A catalog of these kinds: one that is in use, or a new one.</summary>
    public ApiCatalog Get(IReadOnlyList<ApiResource> resources, IReadOnlyList<string> failedGroups)
    {
        var key = KeyOf(resources, failedGroups);
        if (_known.TryGetValue(key, out var seen) && seen.TryGetTarget(out var shared)) return shared;
        foreach (var (left, reference) in _known)
            if (!reference.TryGetTarget(out _)) _known.TryRemove(new(left, reference));
        var catalog = new ApiCatalog(resources, failedGroups);
        // Two that come together may each keep their own.
        _known[key] = new WeakReference<ApiCatalog>(catalog);
        return catalog;
    }

    private static Digest KeyOf(IReadOnlyList<ApiResource> resources, IReadOnlyList<string> failedGroups)
    {
        using var digest = new DigestBuilder();
        foreach (var resource in resources)
        {
            digest.Add(resource.Group).Add(resource.Version).Add(resource.Kind).Add(resource.Plural).Add(resource.Namespaced ? "namespaced" : "");
            digest.Add(string.Join(',', resource.Verbs.Order(StringComparer.Ordinal)));
        }
        // The order in which groups failed is that of their answers.
        foreach (var failed in failedGroups.Order(StringComparer.Ordinal)) digest.Add(failed);
        return digest.Finish();
    }
}
