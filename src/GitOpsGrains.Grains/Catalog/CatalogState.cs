using System.Text.Json;
using System.Text.Json.Serialization;
using GitOpsGrains.Abstractions.Catalog;

namespace GitOpsGrains.Grains.Catalog;

/// <summary>Durable state of one catalog partition.</summary>
public sealed class CatalogState
{
    public int Version { get; set; } = 1;
    public Dictionary<CatalogKind, SortedSet<string>> Names { get; set; } = [];
    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; }
}
