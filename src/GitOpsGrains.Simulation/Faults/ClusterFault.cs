namespace GitOpsGrains.Simulation.Faults;

/// <summary>What a sick cluster does with requests.</summary>
public enum FaultKind
{
    None,

    /// <summary>429 with Retry-After.</summary>
    TooManyRequests,

    /// <summary>500.</summary>
    ServerError,

    /// <summary>No answer, until the fault is taken away or the client gives up.</summary>
    Hang,

    /// <summary>The stream is reset.</summary>
    Reset,

    /// <summary>401, as of an expired token.</summary>
    Unauthorized,

    /// <summary>What a request asks to write is written, and the stream is reset in place of the answer. Reads are not met.</summary>
    LostAnswer,
}

/// <summary>A fault of one cluster, for all of its requests until it is taken away.</summary>
public sealed record ClusterFault
{
    public static ClusterFault None { get; } = new();

    public FaultKind Kind { get; init; }

    /// <summary>Before every answer. Default: none.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>What a 429 says. Whole seconds; default 1.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The fault meets only requests whose path ends with this; null: all.</summary>
    public string? Path { get; init; }

    /// <summary>The fault meets this many requests and is over then; null: until it is taken away. The latency stays.</summary>
    public int? Times { get; init; }
}
