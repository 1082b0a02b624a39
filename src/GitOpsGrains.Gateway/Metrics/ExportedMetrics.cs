using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Gateway.Webhooks;

namespace GitOpsGrains.Gateway.Metrics;

/// <summary>
/// All that <c>/metrics</c> shows. Each label has a list of its values here: a fleet of any size has the same series, and no
/// name that a user gave is in them.
/// </summary>
internal static class ExportedMetrics
{
    private static readonly double[] Requests = [0.005, 0.025, 0.1, 0.5, 2.5, 10];
    private static readonly double[] Syncs = [0.1, 0.5, 1, 5, 15, 60, 300, 1800];
    private static readonly double[] Gits = [0.01, 0.05, 0.25, 1, 5, 30];
    private static readonly double[] Renderings = [0.01, 0.1, 0.5, 2, 10, 60];
    private static readonly double[] Commits = [0.001, 0.005, 0.025, 0.1, 1];

    private static readonly MetricLabel Store = new("store", "state", "manifests");
    private static readonly MetricLabel Answer = new("answer", "2xx", "3xx", "4xx", "429", "5xx", "none");
    private static readonly MetricLabel Method = new("method", "GET", "POST", "PUT", "PATCH", "DELETE");
    private static readonly MetricLabel Face = new("face", "rest", "grpc", "webhook");

    public static IReadOnlyList<ExportedMetric> All { get; } =
    [
        new("gitopsgrains.syncs", new MetricLabel("result", "Succeeded", "Failed", "PartiallyApplied", "Superseded", "Terminated")),
        new("gitopsgrains.sync.duration") { Buckets = Syncs },
        new("gitopsgrains.drift.checks"),
        new("gitopsgrains.drift.heals"),
        new("gitopsgrains.prunes.held"),
        new("gitopsgrains.targets", new MetricLabel("sync", Enum.GetNames<SyncStatus>())),
        new("gitopsgrains.silos"),
        new("gitopsgrains.gateway.silos"),
        new("gitopsgrains.ready"),

        new("gitopsgrains.renders"),
        new("gitopsgrains.renders.spared"),
        new("gitopsgrains.render.duration", new MetricLabel("outcome", "Done", "Faulty", "GitFailed", "Broken")) { Buckets = Renderings },
        new("gitopsgrains.git.operation.duration",
            new MetricLabel("operation", "ListRefsAsync", "FetchAsync", "PushAsync"),
            new MetricLabel("outcome", "Done", "Cancelled", nameof(GitErrorKind.Unreachable), nameof(GitErrorKind.TimedOut), nameof(GitErrorKind.AccessDenied))) { Buckets = Gits },

        new("gitopsgrains.kubernetes.requests", Method, Answer),
        new("gitopsgrains.kubernetes.throttled"),

        new("gitopsgrains.storage.requests", Store, new MetricLabel("operation", "read", "write", "clear")),
        new("gitopsgrains.storage.failures", Store, new MetricLabel("operation", "read", "write", "clear")),
        new("gitopsgrains.storage.operations"),
        new("gitopsgrains.storage.commit.duration") { Buckets = Commits },
        new("gitopsgrains.manifests.reads"),

        new("gitopsgrains.queue.waiting", new MetricLabel("queue", "git-fetch", "git-read", "storage", "tools", "requests")),

        new("gitopsgrains.api.requests", Face, Method, Answer),
        new("gitopsgrains.api.duration", Face) { Buckets = Requests },
        new("gitopsgrains.api.throttled", Face),
        new("gitopsgrains.connections"),
        new("gitopsgrains.connections.refused"),
        new("gitopsgrains.webhooks.received",
            new MetricLabel("provider", [.. WebhookProvider.All.Select(provider => provider.Name)]),
            new MetricLabel("outcome", "Push", "Ignored", "Repeated", "Refused", "Malformed", "TooLarge", "TooSlow")),

        new("dotnet.process.cpu.time", new MetricLabel("cpu.mode", "user", "system")),
        new("dotnet.process.memory.working_set"),
        new("dotnet.gc.collections", new MetricLabel("gc.heap.generation", "gen0", "gen1", "gen2")),
        new("dotnet.gc.heap.total_allocated"),
        new("dotnet.gc.pause.time"),
        // "_count" is the end of a part of a histogram.
        new("dotnet.thread_pool.thread.count") { IsGauge = true, As = "dotnet.thread_pool.threads" },
        new("dotnet.thread_pool.queue.length") { IsGauge = true },
        new("dotnet.monitor.lock_contentions"),
        new("dotnet.exceptions"),
    ];

    public static ExportedMetric? Find(string instrument) => ByInstrument.GetValueOrDefault(instrument);

    private static Dictionary<string, ExportedMetric> ByInstrument { get; } = All.ToDictionary(metric => metric.Instrument, StringComparer.Ordinal);
}
