using System.Text.Json.Serialization;
using GitOpsGrains.Documents.Json;

namespace GitOpsGrains.Documents;

/// <summary>How an application is made equal to its sources.</summary>
public sealed record SyncSpec : Extensible
{
    /// <summary>A new revision is synced without being asked. Default: false.</summary>
    public bool Automated { get; init; }

    /// <summary>Written as true, false or the fields of <see cref="PruneSpec"/>. Default: false.</summary>
    [JsonConverter(typeof(PruneSpecJsonConverter))]
    public PruneSpec Prune { get; init; } = new();

    /// <summary>Drift is repaired without being asked. Default: false.</summary>
    public bool SelfHeal { get; init; }

    /// <summary>All changed objects are dry-run before the first write. Default: true.</summary>
    public bool Preflight { get; init; } = true;

    /// <summary>Argo CD's words: <see cref="SyncOptions"/>. An object's own annotation wins over them.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>Labels and annotations of the namespace that CreateNamespace=true makes; nothing is done to one that a manifest declares.</summary>
    public NamespaceMetadata? ManagedNamespaceMetadata { get; init; }

    /// <summary>When a newer revision ends a sync that runs: <see cref="PreemptionPolicies"/>. Default: cancel.</summary>
    public string Preemption { get; init; } = PreemptionPolicies.Cancel;

    /// <summary>What is done about fields that others own: <see cref="ForeignFieldPolicies"/>. Default: keep.</summary>
    public string ForeignFields { get; init; } = ForeignFieldPolicies.Keep;

    /// <summary>What is done when a sync fails half-way: <see cref="FailurePolicies"/>. Default: stop.</summary>
    public string OnFailure { get; init; } = FailurePolicies.Stop;

    public RetrySpec Retry { get; init; } = new();

    /// <summary>Of one sync. Default: 10m; 10s to 24h.</summary>
    [JsonConverter(typeof(DurationJsonConverter))]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a sync waits for health. Default: 5m; 1s to 24h.</summary>
    [JsonConverter(typeof(DurationJsonConverter))]
    public TimeSpan HealthTimeout { get; init; } = TimeSpan.FromMinutes(5);
}

public sealed record RetrySpec : Extensible
{
    /// <summary>Attempts after the first. Default: 5; 0 to 100, or -1 for no end.</summary>
    public int Limit { get; init; } = 5;

    public BackoffSpec Backoff { get; init; } = new();

    /// <summary>Whether another attempt may follow so many that failed.</summary>
    public bool Allows(int failed) => Limit < 0 || failed <= Limit;
}

public sealed record BackoffSpec : Extensible
{
    /// <summary>Before the first retry. Default: 5s; 1s to 1h.</summary>
    [JsonConverter(typeof(DurationJsonConverter))]
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Each wait is this many times the one before. Default: 2; 1 to 10.</summary>
    public double Factor { get; init; } = 2;

    /// <summary>Default: 3m; at least <see cref="Duration"/>, at most 24h.</summary>
    [JsonConverter(typeof(DurationJsonConverter))]
    public TimeSpan Max { get; init; } = TimeSpan.FromMinutes(3);
}

public sealed record NamespaceMetadata : Extensible
{
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();
}

/// <summary>
/// The words of <see cref="SyncSpec.Options"/>, <c>NAME=VALUE</c> (Argo CD, sync-options.md). ServerSideApply=true,
/// ApplyOutOfSyncOnly=true and PruneLast=true are what this product always does.
/// </summary>
public static class SyncOptions
{
    public const string CreateNamespace = "CreateNamespace=true";

    public static IReadOnlyList<string> All { get; } =
    [
        CreateNamespace, "CreateNamespace=false",
        "Prune=true", "Prune=false", "Prune=confirm", "Delete=true", "Delete=false", "Delete=confirm",
        "PruneLast=true", "PrunePropagationPolicy=foreground", "PrunePropagationPolicy=background", "PrunePropagationPolicy=orphan",
        "Replace=true", "Replace=false", "Force=true", "Force=false",
        "ApplyOutOfSyncOnly=true", "ServerSideApply=true", "ClientSideApplyMigration=true", "Validate=true",
        "FailOnSharedResource=true", "FailOnSharedResource=false",
        "SkipDryRunOnMissingResource=true", "SkipDryRunOnMissingResource=false",
        "RespectIgnoreDifferences=true", "RespectIgnoreDifferences=false",
    ];
}

/// <summary>The words of <see cref="SyncSpec.Preemption"/>.</summary>
public static class PreemptionPolicies
{
    /// <summary>At once: before the next object.</summary>
    public const string Cancel = "cancel";
    /// <summary>When the wave under way is applied and healthy.</summary>
    public const string FinishWave = "finish-wave";

    public static IReadOnlyList<string> All { get; } = [Cancel, FinishWave];
}

/// <summary>The words of <see cref="SyncSpec.ForeignFields"/>.</summary>
public static class ForeignFieldPolicies
{
    public const string Keep = "keep";
    public const string Report = "report";
    public const string Remove = "remove";

    public static IReadOnlyList<string> All { get; } = [Keep, Report, Remove];
}

/// <summary>The words of <see cref="SyncSpec.OnFailure"/>.</summary>
public static class FailurePolicies
{
    public const string Stop = "stop";
    public const string Continue = "continue";
    public const string Restore = "restore";

    public static IReadOnlyList<string> All { get; } = [Stop, Continue, Restore];
}
