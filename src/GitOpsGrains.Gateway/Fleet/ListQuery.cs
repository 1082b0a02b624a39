using Microsoft.AspNetCore.Mvc;

namespace GitOpsGrains.Gateway.Fleet;

/// <summary>What a list is asked for. Empty members do not restrict.</summary>
public sealed record ListQuery
{
    public const int DefaultLimit = 100;
    public const int MaxLimit = 500;

    public string? Project { get; init; }
    public string? Cluster { get; init; }
    /// <summary>Synced, OutOfSync or Unknown.</summary>
    public string? Sync { get; init; }
    /// <summary>Healthy, Suspended, Progressing, Missing, Degraded or Unknown.</summary>
    public string? Health { get; init; }
    /// <summary>Label selector: <c>key=value,key!=value,key,!key</c>.</summary>
    public string? Selector { get; init; }
    /// <summary>Part of the name.</summary>
    public string? Q { get; init; }
    /// <summary>name (default), health or sync; '-' before it reverses.</summary>
    public string? Sort { get; init; }
    /// <summary>Default 100, at most 500.</summary>
    public int? Limit { get; init; }
    /// <summary>From the page before.</summary>
    [FromQuery(Name = "continue")] public string? Continue { get; init; }

    public int PageSize => Math.Clamp(Limit ?? DefaultLimit, 1, MaxLimit);
}
