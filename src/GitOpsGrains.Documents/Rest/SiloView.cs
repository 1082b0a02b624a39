namespace GitOpsGrains.Documents.Rest;

/// <summary>One silo of the installation and what it holds.</summary>
public sealed record SiloView
{
    /// <summary>By which clusters are given to it: the setting <c>Silo:Name</c>, the same after it starts again.</summary>
    public string Name { get; init; } = "";
    /// <summary>Address, port and generation: 10.0.0.5:11111@123. A silo that starts again has another one.</summary>
    public string Address { get; init; } = "";
    public string Host { get; init; } = "";
    /// <summary>Active, Joining, ShuttingDown, …</summary>
    public string Status { get; init; } = "";
    /// <summary>When it joined.</summary>
    public DateTimeOffset? Since { get; init; }
    /// <summary>Of the program; "" when it did not answer.</summary>
    public string Version { get; init; } = "";
    /// <summary>Grains that it has in memory.</summary>
    public int Activations { get; init; }
    /// <summary>The same by grain type.</summary>
    public IReadOnlyDictionary<string, int> Grains { get; init; } = new Dictionary<string, int>();
    /// <summary>Names of the clusters that it serves.</summary>
    public IReadOnlyList<string> Clusters { get; init; } = [];
    /// <summary>Why it says no more; null when it answered.</summary>
    public string? Message { get; init; }
}
