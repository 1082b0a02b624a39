using System.Globalization;
using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Clusters;
using GitOpsGrains.Simulation.Objects;
using GitOpsGrains.Simulation.Schemas;

namespace GitOpsGrains.Simulation.Workloads;

/// <summary>
/// What becomes of a workload: at first it progresses, after its time it is ready. The annotation
/// "simulation.gitopsgrains.io/behaviour" on it says otherwise: "progress" (never ready) or "fail".
/// </summary>
internal static class WorkloadRules
{
    public const string Behaviour = "simulation.gitopsgrains.io/behaviour";

    private static readonly HashSet<string> Kinds =
        ["deployments.apps", "statefulsets.apps", "daemonsets.apps", "replicasets.apps", "jobs.batch", "pods", "persistentvolumeclaims", "services"];

    private static readonly WriteOptions Writing = new("kube-controller-manager", false, false, false);

    public static bool Concerns(ResourceKind kind, StoredObject stored) =>
        Kinds.Contains(kind.Storage) || stored.Owners.Length > 0 || stored.Mentions("deletionTimestamp"u8);

    /// <summary>Brings the status as far as it is now; the time to wait for the rest, or null.</summary>
    public static TimeSpan? Work(SimulatedCluster cluster, ObjectAddress address, bool isDue, string now)
    {
        if (!Kinds.Contains(address.Kind.Storage)) return null;
        lock (cluster.Store.Gate)
        {
            if (cluster.Store.Of(address.Kind).Find(address.Namespace, address.Name)?.ToNode(address.Kind) is not { } node) return null;
            var behaviour = BehaviourOf(node);
            if (IsReady(address.Kind, node) && behaviour is null) return null;
            var stage = !isDue ? WorkloadStage.Started : behaviour switch
            {
                "progress" => WorkloadStage.Started,
                "fail" => WorkloadStage.Failed,
                _ => WorkloadStage.Ready,
            };
            if (behaviour == "fail" && IsFailed(node)) return null;
            if (WorkloadStatus.Of(address.Kind, node, stage, now) is not { } status) return null;
            var old = node["status"];
            var isNew = old is null || !JsonNode.DeepEquals(Timeless(old), Timeless(status));
            if (isNew)
            {
                node["status"] = status;
                cluster.Writer.Update(address with { Subresource = "status" }, node, Writing);
            }

            // A service's first status is written by the server itself: it is never new here.
            return !isDue && (isNew || address.Kind.Storage == "services") ? cluster.Options.ReadyAfter : null;
        }
    }

    /// <summary>Null for a word that is none: the workload gets ready.</summary>
    private static string? BehaviourOf(JsonObject node) => node["metadata"]?["annotations"]?[Behaviour]?.ToString() is ("progress" or "fail") and var word ? word : null;

    private static bool IsReady(ResourceKind kind, JsonObject node)
    {
        var status = node["status"] as JsonObject ?? [];
        return kind.Storage switch
        {
            "pods" => status["phase"]?.ToString() is "Running" or "Succeeded",
            "persistentvolumeclaims" => status["phase"]?.ToString() == "Bound",
            "services" => node["spec"]?["type"]?.ToString() != "LoadBalancer" || status["loadBalancer"]?["ingress"] is not null,
            "jobs.batch" => status["completionTime"] is not null,
            "daemonsets.apps" => IsObserved(node, status) && status["numberReady"] is not null,
            _ => IsObserved(node, status) && WorkloadStatus.Replicas(node) == Count(status, "readyReplicas"),
        };
    }

    private static bool IsFailed(JsonObject node) =>
        IsObserved(node, node["status"] as JsonObject ?? [])
        && node["status"]?["conditions"] is JsonArray conditions && conditions.Any(static condition => condition?["reason"]?.ToString() is "ProgressDeadlineExceeded" or "BackoffLimitExceeded");

    private static bool IsObserved(JsonObject node, JsonObject status) => ObjectMetadata.Text(node, "generation") is not { } generation || status["observedGeneration"]?.ToString() == generation;

    private static long Count(JsonObject status, string name) => status[name] is { } count ? long.Parse(count.ToString(), CultureInfo.InvariantCulture) : 0;

    private static JsonNode Timeless(JsonNode status)
    {
        var copy = status.DeepClone();
        foreach (var condition in (copy["conditions"] as JsonArray ?? []).OfType<JsonObject>())
        {
            condition.Remove("lastTransitionTime");
            condition.Remove("lastUpdateTime");
        }

        (copy as JsonObject)?.Remove("startTime");
        return copy;
    }
}
