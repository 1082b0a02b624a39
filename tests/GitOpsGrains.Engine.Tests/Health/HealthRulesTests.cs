using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Engine.Health;

namespace GitOpsGrains.Engine.Tests.Health;

public sealed class HealthRulesTests
{
    private const string Seen = "\"metadata\":{\"name\":\"x\",\"generation\":2}";

    [Theory]
    [InlineData("""{"replicas":2}""", """{"observedGeneration":2,"replicas":2,"updatedReplicas":2,"availableReplicas":2}""", HealthStatus.Healthy)]
    [InlineData("""{"replicas":2,"paused":true}""", """{"observedGeneration":2,"replicas":2,"updatedReplicas":2,"availableReplicas":2}""", HealthStatus.Suspended)]
    [InlineData("""{"replicas":2}""", """{"observedGeneration":1,"replicas":2,"updatedReplicas":2,"availableReplicas":2}""", HealthStatus.Progressing)]
    [InlineData("""{"replicas":2}""", """{"observedGeneration":2,"conditions":[{"type":"Progressing","reason":"ProgressDeadlineExceeded"}]}""", HealthStatus.Degraded)]
    [InlineData("""{"replicas":2}""", """{"observedGeneration":2,"replicas":2,"updatedReplicas":1,"availableReplicas":2}""", HealthStatus.Progressing)]
    [InlineData("""{"replicas":2}""", """{"observedGeneration":2,"replicas":3,"updatedReplicas":2,"availableReplicas":2}""", HealthStatus.Progressing)]
    [InlineData("""{"replicas":2}""", """{"observedGeneration":2,"replicas":2,"updatedReplicas":2,"availableReplicas":1}""", HealthStatus.Progressing)]
    [InlineData("""{"replicas":0}""", """{"observedGeneration":2}""", HealthStatus.Healthy)]
    [InlineData("""{}""", """{"observedGeneration":2}""", HealthStatus.Progressing)]
    [InlineData("{}", "null", HealthStatus.Progressing)]
    public void Deployment_Status_HasHealth(string spec, string status, HealthStatus expected) => AssertHealth("apps/v1", "Deployment", spec, status, expected);

    [Theory]
    [InlineData("""{"replicas":2}""", """{"observedGeneration":2,"readyReplicas":2,"updateRevision":"a","currentRevision":"a"}""", HealthStatus.Healthy)]
    [InlineData("""{"replicas":2}""", """{"observedGeneration":0,"readyReplicas":2}""", HealthStatus.Progressing)]
    [InlineData("""{"replicas":2}""", """{"observedGeneration":1,"readyReplicas":2}""", HealthStatus.Progressing)]
    [InlineData("""{"replicas":2}""", """{"observedGeneration":2,"readyReplicas":1}""", HealthStatus.Progressing)]
    [InlineData("""{"replicas":2}""", """{"observedGeneration":2,"readyReplicas":2,"updateRevision":"b","currentRevision":"a"}""", HealthStatus.Progressing)]
    [InlineData("""{"replicas":2,"updateStrategy":{"type":"OnDelete"}}""", """{"observedGeneration":2,"readyReplicas":2,"updateRevision":"b","currentRevision":"a"}""", HealthStatus.Healthy)]
    [InlineData("""{"replicas":3,"updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"partition":1}}}""", """{"observedGeneration":2,"readyReplicas":3,"updatedReplicas":1}""", HealthStatus.Progressing)]
    [InlineData("""{"replicas":3,"updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"partition":1}}}""", """{"observedGeneration":2,"readyReplicas":3,"updatedReplicas":2}""", HealthStatus.Healthy)]
    public void StatefulSet_Status_HasHealth(string spec, string status, HealthStatus expected) => AssertHealth("apps/v1", "StatefulSet", spec, status, expected);

    [Theory]
    [InlineData("{}", """{"observedGeneration":2,"desiredNumberScheduled":2,"updatedNumberScheduled":2,"numberAvailable":2}""", HealthStatus.Healthy)]
    [InlineData("{}", """{"observedGeneration":1,"desiredNumberScheduled":2,"updatedNumberScheduled":2,"numberAvailable":2}""", HealthStatus.Progressing)]
    [InlineData("{}", """{"observedGeneration":2,"desiredNumberScheduled":2,"updatedNumberScheduled":1,"numberAvailable":2}""", HealthStatus.Progressing)]
    [InlineData("{}", """{"observedGeneration":2,"desiredNumberScheduled":2,"updatedNumberScheduled":2,"numberAvailable":1}""", HealthStatus.Progressing)]
    [InlineData("""{"updateStrategy":{"type":"OnDelete"}}""", """{"observedGeneration":2,"desiredNumberScheduled":2}""", HealthStatus.Healthy)]
    public void DaemonSet_Status_HasHealth(string spec, string status, HealthStatus expected) => AssertHealth("apps/v1", "DaemonSet", spec, status, expected);

    [Theory]
    [InlineData("""{"replicas":1}""", """{"observedGeneration":2,"availableReplicas":1}""", HealthStatus.Healthy)]
    [InlineData("""{"replicas":1}""", """{"observedGeneration":2}""", HealthStatus.Progressing)]
    [InlineData("""{"replicas":1}""", """{"observedGeneration":1,"availableReplicas":1}""", HealthStatus.Progressing)]
    [InlineData("""{"replicas":1}""", """{"observedGeneration":2,"conditions":[{"type":"ReplicaFailure","status":"True","message":"quota"}]}""", HealthStatus.Degraded)]
    public void ReplicaSet_Status_HasHealth(string spec, string status, HealthStatus expected) => AssertHealth("apps/v1", "ReplicaSet", spec, status, expected);

    [Theory]
    [InlineData("""{"conditions":[{"type":"Complete","status":"True"}]}""", HealthStatus.Healthy)]
    [InlineData("""{"conditions":[{"type":"Failed","status":"True","message":"m"},{"type":"Complete","status":"False"}]}""", HealthStatus.Degraded)]
    [InlineData("""{"conditions":[{"type":"Suspended","status":"True"}]}""", HealthStatus.Suspended)]
    [InlineData("""{"conditions":[{"type":"Suspended","status":"False"}]}""", HealthStatus.Progressing)]
    [InlineData("""{"active":1}""", HealthStatus.Progressing)]
    public void Job_Status_HasHealth(string status, HealthStatus expected) => AssertHealth("batch/v1", "Job", "{}", status, expected);

    [Theory]
    [InlineData("Always", """{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}""", HealthStatus.Healthy)]
    [InlineData("Always", """{"phase":"Running"}""", HealthStatus.Progressing)]
    [InlineData("Always", """{"phase":"Running","containerStatuses":[{"name":"a","lastState":{"terminated":{"reason":"Error"}}}]}""", HealthStatus.Degraded)]
    [InlineData("Always", """{"phase":"Pending","containerStatuses":[{"name":"a","state":{"waiting":{"reason":"ImagePullBackOff"}}}]}""", HealthStatus.Degraded)]
    [InlineData("Always", """{"phase":"Pending","initContainerStatuses":[{"name":"a","state":{"waiting":{"reason":"ErrImagePull"}}}]}""", HealthStatus.Degraded)]
    [InlineData("Always", """{"phase":"Pending","containerStatuses":[{"name":"a","state":{"waiting":{"reason":"CreateContainerConfigError"}}}]}""", HealthStatus.Degraded)]
    [InlineData("Always", """{"phase":"Pending","containerStatuses":[{"name":"a","state":{"waiting":{"reason":"ContainerCreating"}}}]}""", HealthStatus.Progressing)]
    [InlineData("Never", """{"phase":"Pending","containerStatuses":[{"name":"a","state":{"waiting":{"reason":"ErrImagePull"}}}]}""", HealthStatus.Progressing)]
    [InlineData("Never", """{"phase":"Running"}""", HealthStatus.Progressing)]
    [InlineData("Never", """{"phase":"Succeeded"}""", HealthStatus.Healthy)]
    [InlineData("Never", """{"phase":"Failed","containerStatuses":[{"name":"a","state":{"terminated":{"exitCode":3}}}]}""", HealthStatus.Degraded)]
    [InlineData("Never", """{"phase":"Strange"}""", HealthStatus.Unknown)]
    public void Pod_Status_HasHealth(string policy, string status, HealthStatus expected) =>
        AssertHealth("v1", "Pod", $$"""{"restartPolicy":"{{policy}}"}""", status, expected);

    [Theory]
    [InlineData("Service", """{"type":"ClusterIP"}""", "{}", HealthStatus.Healthy)]
    [InlineData("Service", """{"type":"LoadBalancer"}""", """{"loadBalancer":{}}""", HealthStatus.Progressing)]
    [InlineData("Service", """{"type":"LoadBalancer"}""", """{"loadBalancer":{"ingress":[{"ip":"10.0.0.1"}]}}""", HealthStatus.Healthy)]
    [InlineData("PersistentVolumeClaim", "{}", """{"phase":"Bound"}""", HealthStatus.Healthy)]
    [InlineData("PersistentVolumeClaim", "{}", """{"phase":"Pending"}""", HealthStatus.Progressing)]
    [InlineData("PersistentVolumeClaim", "{}", """{"phase":"Lost"}""", HealthStatus.Degraded)]
    [InlineData("PersistentVolumeClaim", "{}", "{}", HealthStatus.Unknown)]
    [InlineData("Namespace", "{}", """{"phase":"Active"}""", HealthStatus.Healthy)]
    [InlineData("Namespace", "{}", """{"phase":"Terminating"}""", HealthStatus.Progressing)]
    public void Core_Status_HasHealth(string kind, string spec, string status, HealthStatus expected) => AssertHealth("v1", kind, spec, status, expected);

    [Theory]
    [InlineData("""{"conditions":[{"type":"NamesAccepted","status":"True"},{"type":"Established","status":"True"}]}""", HealthStatus.Healthy)]
    [InlineData("""{"conditions":[{"type":"NamesAccepted","status":"False","message":"taken"}]}""", HealthStatus.Degraded)]
    [InlineData("""{"conditions":[{"type":"Established","status":"False","reason":"Installing"}]}""", HealthStatus.Progressing)]
    [InlineData("""{"conditions":[{"type":"Established","status":"True"},{"type":"Terminating","status":"True"}]}""", HealthStatus.Progressing)]
    [InlineData("""{"conditions":[{"type":"Established","status":"True"},{"type":"NonStructuralSchema","status":"True","message":"m"}]}""", HealthStatus.Degraded)]
    [InlineData("""{"conditions":[{"type":"Established","status":"False"}]}""", HealthStatus.Degraded)]
    [InlineData("{}", HealthStatus.Progressing)]
    public void CustomResourceDefinition_Status_HasHealth(string status, HealthStatus expected) =>
        AssertHealth("apiextensions.k8s.io/v1", "CustomResourceDefinition", "{}", status, expected);

    [Fact]
    public void Assess_AnyKindBeingDeleted_IsProgressing()
    {
        var live = Live.Of("""{"metadata":{"name":"x","deletionTimestamp":"2026-01-01T00:00:00Z"}}""");

        Assert.Equal(ObjectHealth.PendingDeletion, HealthRules.Assess(live));
    }

    [Theory]
    [InlineData("v1", "ConfigMap")]
    [InlineData("v1", "Secret")]
    [InlineData("v1", "ServiceAccount")]
    [InlineData("rbac.authorization.k8s.io/v1", "ClusterRole")]
    [InlineData("networking.k8s.io/v1", "NetworkPolicy")]
    [InlineData("storage.k8s.io/v1", "StorageClass")]
    public void Assess_BuiltInKindWithoutHealth_IsNullAndWatchedAsMetadata(string apiVersion, string kind)
    {
        var live = Live.Of("{" + Seen + ",\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"False\"}]}}", apiVersion, kind);

        Assert.Null(HealthRules.Assess(live));
        Assert.False(HealthRules.NeedsFullWatch(live.Id.Group, kind));
    }

    [Theory]
    [InlineData("", "PersistentVolume")]
    [InlineData("", "ResourceQuota")]
    [InlineData("example.com", "Deployment")]
    [InlineData("gateway.networking.k8s.io", "Gateway")]
    [InlineData("argoproj.io", "Application")]
    public void NeedsFullWatch_BusyOrCustomKind_IsTrue(string group, string kind) => Assert.True(HealthRules.NeedsFullWatch(group, kind));

    [Theory]
    [InlineData(new HealthStatus[0], HealthStatus.Healthy)]
    [InlineData(new[] { HealthStatus.Healthy, HealthStatus.Degraded, HealthStatus.Progressing }, HealthStatus.Degraded)]
    [InlineData(new[] { HealthStatus.Unknown, HealthStatus.Degraded }, HealthStatus.Unknown)]
    [InlineData(new[] { HealthStatus.Suspended, HealthStatus.Progressing }, HealthStatus.Progressing)]
    public void Worst_Statuses_IsTheWorst(HealthStatus[] statuses, HealthStatus expected) => Assert.Equal(expected, HealthRules.Worst(statuses));

    private static void AssertHealth(string apiVersion, string kind, string spec, string status, HealthStatus expected)
    {
        var live = Live.Of($$"""{ {{Seen}},"spec":{{spec}},"status":{{status}} }""", apiVersion, kind);

        Assert.Equal(expected, HealthRules.Assess(live)?.Status);
        Assert.True(HealthRules.NeedsFullWatch(live.Id.Group, kind));
    }
}
