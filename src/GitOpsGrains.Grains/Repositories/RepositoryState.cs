using System.Text.Json;
using System.Text.Json.Serialization;
using GitOpsGrains.Documents;

namespace GitOpsGrains.Grains.Repositories;

/// <summary>Durable state of a repository: what was applied, and who uses it. What the server said is asked again.</summary>
public sealed class RepositoryState
{
    public int Version { get; set; } = 1;
    public RepositoryDocument? Document { get; set; }

    /// <summary>Applications (project/name) that use this repository, with the clusters of their targets: the first ones, <see cref="StoredSubscribers"/>.</summary>
    public SortedDictionary<string, List<string>> Subscribers { get; set; } = new(StringComparer.Ordinal);

    /// <summary>In how many records the others are.</summary>
    public int SubscriberRecords { get; set; }

    /// <summary>By ref ("" for commits that were named themselves): the last commit that the verification let pass.</summary>
    public SortedDictionary<string, string> Verified { get; set; } = new(StringComparer.Ordinal);

    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>One record of a repository's subscribers, as <see cref="RepositoryState.Subscribers"/>.</summary>
public sealed class SubscriberRecordState
{
    public int Version { get; set; } = 1;
    public SortedDictionary<string, List<string>> Subscribers { get; set; } = new(StringComparer.Ordinal);
    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; }
}
