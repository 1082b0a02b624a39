using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Schemas;

namespace GitOpsGrains.Simulation.Clusters;

/// <summary>The kinds that one cluster serves: the built-in ones, shared by all, and those of its CustomResourceDefinitions.</summary>
internal sealed class KindCatalog
{
    public const string Definitions = "customresourcedefinitions.apiextensions.k8s.io";

    private static readonly Dictionary<(string Group, string Version, string Plural), ResourceKind> BuiltIn =
        SchemaTable.BuiltIn.Kinds.ToDictionary(static kind => (kind.Group, kind.Version, kind.Plural));

    private static readonly ResourceKind[] BuiltInList = [.. SchemaTable.BuiltIn.Kinds];

    // Replaced as a whole: read without a lock.
    private volatile Dictionary<string, IReadOnlyList<ResourceKind>> _custom = [];

    public IEnumerable<ResourceKind> All => BuiltInList.Concat(_custom.Values.SelectMany(static kinds => kinds));

    public ResourceKind? Find(string group, string version, string plural) =>
        BuiltIn.TryGetValue((group, version, plural), out var kind) ? kind
        : _custom.TryGetValue($"{plural}.{group}", out var versions) ? versions.FirstOrDefault(known => known.Version == version) : null;

    public ResourceKind? FindStorage(string storage) =>
        BuiltInList.FirstOrDefault(kind => kind.Storage == storage) ?? (_custom.TryGetValue(storage, out var versions) ? versions[0] : null);

    /// <summary>By kind, as owner references name it.</summary>
    public ResourceKind? FindKind(string apiVersion, string kind) => All.FirstOrDefault(known => known.ApiVersion == apiVersion && known.Kind == kind);

    /// <summary>Takes note of a CustomResourceDefinition that came, changed or went.</summary>
    public void Define(ResourceKind definitions, ObjectEvent change)
    {
        var custom = new Dictionary<string, IReadOnlyList<ResourceKind>>(_custom);
        custom.Remove(change.After.Name);
        var node = change.After.ToNode(definitions);
        if (!change.IsDelete && CustomKinds.Read(node) is { Count: > 0 } kinds) custom[change.After.Name] = kinds;
        _custom = custom;
    }
}
