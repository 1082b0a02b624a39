using System.Text.Json;
using System.Text.Json.Serialization;

namespace GitOpsGrains.Grains.Repositories;

/// <summary>Durable state of an address: the names of the Repository documents that have it.</summary>
public sealed class RepositoryAddressState
{
    public int Version { get; set; } = 1;
    public SortedSet<string> Repositories { get; set; } = new(StringComparer.Ordinal);
    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; }
}
