using GitOpsGrains.Abstractions.Identity;

namespace GitOpsGrains.Engine.Resources;

/// <summary>
/// All kinds that a cluster serves, at one moment. <see cref="IsComplete"/> is false when the discovery of some group
/// failed (an aggregated API that is down): then a kind that is missing here may exist, and nothing is pruned.
/// </summary>
public sealed class ApiCatalog
{
    private readonly Dictionary<(string Group, string Version, string Kind), ApiResource> _byVersion = [];
    private readonly Dictionary<(string Group, string Kind), ApiResource> _preferred = [];

    /// <param name="resources">In the server's order of preference: the first version of a kind is the preferred one.</param>
    /// <param name="failedGroups">"group/version" whose discovery failed.</param>
    public ApiCatalog(IEnumerable<ApiResource> resources, IReadOnlyList<string> failedGroups)
    {
        FailedGroups = failedGroups;
        foreach (var resource in resources)
        {
            _byVersion.TryAdd((resource.Group, resource.Version, resource.Kind), resource);
            _preferred.TryAdd((resource.Group, resource.Kind), resource);
        }
    }

    public IReadOnlyList<string> FailedGroups { get; }

    public bool IsComplete => FailedGroups.Count == 0;

    /// <summary>Every kind in every version.</summary>
    public IEnumerable<ApiResource> All => _byVersion.Values;

    public IEnumerable<ApiResource> Preferred => _preferred.Values;

    public ApiResource? Find(string group, string version, string kind) => _byVersion.GetValueOrDefault((group, version, kind));

    /// <summary>The kind of an object in the version that its apiVersion (<c>v1</c>, <c>apps/v1</c>) names.</summary>
    public ApiResource? Find(ResourceId id, string apiVersion) => Find(id.Group, apiVersion[(apiVersion.IndexOf('/', StringComparison.Ordinal) + 1)..], id.Kind);

    /// <summary>The kind in the server's preferred version.</summary>
    public ApiResource? Find(string group, string kind) => _preferred.GetValueOrDefault((group, kind));
}
