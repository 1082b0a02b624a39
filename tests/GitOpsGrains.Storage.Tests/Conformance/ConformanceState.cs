using System.Text.Json;
using System.Text.Json.Serialization;

namespace GitOpsGrains.Storage.Tests.Conformance;

/// <summary>A grain's state as this project writes them: parameterless, versioned, keeping what it does not know.</summary>
public sealed class ConformanceState
{
    public int Version { get; set; } = 1;

    public string? Text { get; set; } = "default";

    public int Number { get; set; }

    public Dictionary<string, string> Labels { get; set; } = [];

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>What a newer program version writes: members that <see cref="ConformanceState"/> does not know.</summary>
public sealed class NewerConformanceState
{
    public int Version { get; set; } = 2;

    public string? Text { get; set; }

    public int Number { get; set; }

    public Dictionary<string, string> Labels { get; set; } = [];

    public string? Flavour { get; set; }

    public List<int> Sizes { get; set; } = [];
}
