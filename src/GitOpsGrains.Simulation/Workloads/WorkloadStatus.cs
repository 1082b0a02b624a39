using System.Globalization;
using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Objects;
using GitOpsGrains.Simulation.Schemas;

namespace GitOpsGrains.Simulation.Workloads;

internal enum WorkloadStage
{
    Started,
    Ready,
    Failed,
}

/// <summary>The status that controllers write, for each kind of workload.</summary>
internal static class WorkloadStatus
{
    public static long Replicas(JsonObject node) =>
        node["spec"]?["replicas"] is { } count ? long.Parse(count.ToString(), CultureInfo.InvariantCulture) : 1;

    /// <summary>Null for what has no status of its own.</summary>
    public static JsonObject? Of(ResourceKind kind, JsonObject node, WorkloadStage stage, string now) => kind.Storage switch
    {
        "deployments.apps" => Deployment(node, stage, now),
        "replicasets.apps" or "statefulsets.apps" => Replicated(node, stage),
        "daemonsets.apps" => DaemonSet(node, stage),
        "jobs.batch" => Job(stage, now),
        "pods" => Pod(node, stage, now),
        "persistentvolumeclaims" => stage == WorkloadStage.Ready ? Claim(node) : new JsonObject { ["phase"] = "Pending" },
        "services" => Service(node, stage),
        _ => null,
    };

    private static JsonObject Deployment(JsonObject node, WorkloadStage stage, string now)
    {
        var replicas = Replicas(node);
        var isReady = stage == WorkloadStage.Ready || replicas == 0;
        var status = Observed(node);
        Put(status, "replicas", replicas);
        Put(status, "updatedReplicas", replicas);
        Put(status, "readyReplicas", isReady ? replicas : 0);
        Put(status, "availableReplicas", isReady ? replicas : 0);
        Put(status, "unavailableReplicas", isReady ? 0 : replicas);
        var progressing = stage == WorkloadStage.Failed
            ? Condition("Progressing", "False", "ProgressDeadlineExceeded", "has timed out progressing.", now)
            : Condition("Progressing", "True", isReady ? "NewReplicaSetAvailable" : "ReplicaSetUpdated", isReady ? "has successfully progressed." : "is progressing.", now);
        status["conditions"] = new JsonArray(
            isReady ? Condition("Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.", now)
                : Condition("Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.", now),
            progressing);
        return status;
    }

    private static JsonObject Replicated(JsonObject node, WorkloadStage stage)
    {
        var replicas = Replicas(node);
        var ready = stage == WorkloadStage.Ready ? replicas : 0;
        var status = Observed(node);
        status["replicas"] = replicas;
        Put(status, "readyReplicas", ready);
        Put(status, "availableReplicas", ready);
        if (node["kind"]?.ToString() != "StatefulSet") return status;
        Put(status, "updatedReplicas", replicas);
        Put(status, "currentReplicas", ready);
        var revision = $"{ObjectMetadata.Text(node, "name")}-{ObjectMetadata.Text(node, "generation")}";
        status["updateRevision"] = revision;
        status["currentRevision"] = stage == WorkloadStage.Ready ? revision : node["status"]?["currentRevision"]?.ToString() ?? revision;
        return status;
    }

    private static JsonObject DaemonSet(JsonObject node, WorkloadStage stage)
    {
        var ready = stage == WorkloadStage.Ready ? 1L : 0L;
        var status = Observed(node);
        status["currentNumberScheduled"] = 1L;
        status["desiredNumberScheduled"] = 1L;
        status["numberMisscheduled"] = 0L;
        status["updatedNumberScheduled"] = 1L;
        if (stage != WorkloadStage.Ready) status["numberUnavailable"] = 1L;
        else (status["numberReady"], status["numberAvailable"]) = (ready, ready);
        return status;
    }

    private static JsonObject Job(WorkloadStage stage, string now) => stage switch
    {
        WorkloadStage.Started => new JsonObject { ["startTime"] = now, ["active"] = 1L },
        WorkloadStage.Failed => new JsonObject
        {
            ["startTime"] = now, ["failed"] = 1L,
            ["conditions"] = new JsonArray(Condition("Failed", "True", "BackoffLimitExceeded", "Job has reached the specified backoff limit", now)),
        },
        _ => new JsonObject
        {
            ["startTime"] = now, ["completionTime"] = now, ["succeeded"] = 1L, ["conditions"] = new JsonArray(Condition("Complete", "True", "", "", now)),
        },
    };

    private static JsonObject Pod(JsonObject node, WorkloadStage stage, string now)
    {
        if (stage == WorkloadStage.Failed) return new JsonObject { ["phase"] = "Failed", ["reason"] = "Error", ["message"] = "the pod failed, as it was told to" };
        var isReady = stage == WorkloadStage.Ready;
        var containers = (node["spec"]?["containers"] as JsonArray ?? []).OfType<JsonObject>().Select(container => (JsonNode)new JsonObject
        {
            ["name"] = container["name"]?.DeepClone(), ["image"] = container["image"]?.DeepClone(), ["imageID"] = "", ["ready"] = isReady, ["restartCount"] = 0L,
            ["state"] = isReady ? new JsonObject { ["running"] = new JsonObject() } : new JsonObject { ["waiting"] = new JsonObject { ["reason"] = "ContainerCreating" } },
        });
        return new JsonObject
        {
            ["phase"] = isReady ? "Running" : "Pending",
            ["conditions"] = new JsonArray(Condition("Ready", isReady ? "True" : "False", isReady ? "" : "ContainersNotReady", "", now)),
            ["containerStatuses"] = new JsonArray([.. containers]),
        };
    }

    private static JsonObject Claim(JsonObject node) => new()
    {
        ["phase"] = "Bound", ["accessModes"] = node["spec"]?["accessModes"]?.DeepClone(), ["capacity"] = node["spec"]?["resources"]?["requests"]?.DeepClone(),
    };

    private static JsonObject? Service(JsonObject node, WorkloadStage stage) =>
        node["spec"]?["type"]?.ToString() != "LoadBalancer" ? null
        : stage == WorkloadStage.Ready
            ? new JsonObject { ["loadBalancer"] = new JsonObject { ["ingress"] = new JsonArray(new JsonObject { ["ip"] = "192.0.2.1" }) } }
            : new JsonObject { ["loadBalancer"] = new JsonObject() };

    private static JsonObject Observed(JsonObject node) =>
        ObjectMetadata.Text(node, "generation") is { } generation ? new JsonObject { ["observedGeneration"] = long.Parse(generation, CultureInfo.InvariantCulture) } : [];

    /// <summary>Servers leave a count of nothing out.</summary>
    private static void Put(JsonObject status, string name, long count)
    {
        if (count > 0) status[name] = count;
    }

    private static JsonObject Condition(string type, string status, string reason, string message, string now) => new()
    {
        ["type"] = type, ["status"] = status, ["lastUpdateTime"] = now, ["lastTransitionTime"] = now, ["reason"] = reason, ["message"] = message,
    };
}
