namespace GitOpsGrains.Testing.Kubernetes;

/// <summary>How a child process runs.</summary>
public sealed record OwnedProcessOptions
{
    /// <summary>Variables that are set or replaced; null values are removed.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>"" for that of the test.</summary>
    public string WorkingDirectory { get; init; } = "";

    /// <summary>How many lines of output are kept, the last ones.</summary>
    public int KeptLines { get; init; } = 60;
}
