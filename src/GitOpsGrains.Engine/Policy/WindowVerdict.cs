using System.Globalization;

namespace GitOpsGrains.Engine.Policy;

/// <summary>What the sync windows say of one application on one cluster at one time.</summary>
public sealed record WindowVerdict
{
    public static WindowVerdict Always { get; } = new() { Automated = true, Manual = true };

    /// <summary>The system may begin a sync by itself.</summary>
    public bool Automated { get; init; }

    /// <summary>A person may begin one.</summary>
    public bool Manual { get; init; }

    /// <summary>What is against an automated sync; "" when nothing is.</summary>
    public string Reason { get; init; } = "";

    /// <summary>When automated syncs are let through again; null: never, or too far off to tell.</summary>
    public DateTimeOffset? OpensAt { get; init; }

    /// <summary>When to ask again: nothing of this changes before that. Null: never.</summary>
    public DateTimeOffset? NextChange { get; init; }

    /// <summary>The reason, and when it ends.</summary>
    public string Message => OpensAt is { } opens
        ? string.Create(CultureInfo.InvariantCulture, $"{Reason}; syncs go on at {opens.UtcDateTime:yyyy-MM-dd HH:mm:ss'Z'}")
        : Reason;
}
