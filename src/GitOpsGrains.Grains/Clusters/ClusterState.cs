using System.Text.Json;
using System.Text.Json.Serialization;
using GitOpsGrains.Documents;

namespace GitOpsGrains.Grains.Clusters;

/// <summary>Durable state of a cluster.</summary>
public sealed class ClusterState
{
    public int Version { get; set; } = 1;
    public ClusterDocument? Document { get; set; }

    /// <summary>uid of the namespace kube-system that was accepted; null before the first connection.</summary>
    public string? Identity { get; set; }

    /// <summary>Keys of the targets on this cluster.</summary>
    public SortedSet<string> Targets { get; set; } = new(StringComparer.Ordinal);

    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; }
}
