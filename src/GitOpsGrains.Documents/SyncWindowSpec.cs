using System.Text.Json.Serialization;
using GitOpsGrains.Documents.Json;

namespace GitOpsGrains.Documents;

/// <summary>
/// A time in which syncs are allowed or denied, as in Argo CD's AppProject. While a deny window is open nothing is synced;
/// where allow windows concern an application it is synced only while one of them is open. Healing drift is a sync as well.
/// </summary>
public sealed record SyncWindowSpec : Extensible
{
    /// <summary>One of <see cref="WindowKinds"/>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>When it opens: minute, hour, day of month, month, day of week. When both days are restricted either may match, as in cron.</summary>
    public string Schedule { get; init; } = "";

    /// <summary>How long it stays open, in real time; 1m to 8784h.</summary>
    [JsonConverter(typeof(DurationJsonConverter))]
    public TimeSpan Duration { get; init; }

    /// <summary>An IANA name such as Europe/Berlin. Default: UTC.</summary>
    public string TimeZone { get; init; } = "UTC";

    /// <summary>What it is for; shown with what it holds up.</summary>
    public string? Description { get; init; }

    /// <summary>Patterns (<see cref="NamePattern"/>) for names of applications.</summary>
    public IReadOnlyList<string> Applications { get; init; } = [];

    /// <summary>Patterns for the destination's namespace.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>Patterns for names of clusters.</summary>
    public IReadOnlyList<string> Clusters { get; init; } = [];

    /// <summary>A person's sync goes on in spite of it. Default: false.</summary>
    public bool ManualSync { get; init; }

    /// <summary>All lists of patterns that are given must match; else one is enough. Default: false.</summary>
    public bool AndOperator { get; init; }

    /// <summary>A sync that runs may go on when the window turns against it. Default: false.</summary>
    public bool SyncOverrun { get; init; }
}

/// <summary>The words of <see cref="SyncWindowSpec.Kind"/>.</summary>
public static class WindowKinds
{
    public const string Allow = "allow";
    public const string Deny = "deny";

    public static IReadOnlyList<string> All { get; } = [Allow, Deny];
}
