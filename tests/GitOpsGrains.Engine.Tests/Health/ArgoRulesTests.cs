using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Engine.Health;

namespace GitOpsGrains.Engine.Tests.Health;

/// <summary>Live objects and what Argo CD's rules say about them, with the sentence that people read.</summary>
public sealed class ArgoRulesTests
{
    [Theory]
    [InlineData("""{}""", null, HealthStatus.Progressing, "Waiting for the CronJob")]
    [InlineData("""{"suspend":true}""", """{}""", HealthStatus.Healthy, "CronJob is suspended")]
    [InlineData("""{}""", """{}""", HealthStatus.Healthy, "CronJob has not been scheduled yet")]
    [InlineData("""{}""", """{"lastScheduleTime":"2026-01-01T00:00:00Z"}""", HealthStatus.Healthy, "CronJob has never completed successfully; it may not be healthy")]
    [InlineData("""{}""", """{"lastScheduleTime":"2026-01-02T00:00:00Z","lastSuccessfulTime":"2026-01-01T00:00:05Z","active":[{"name":"a"}]}""", HealthStatus.Healthy, "The job is running; its last run may not have been successful")]
    [InlineData("""{}""", """{"lastScheduleTime":"2026-01-02T00:00:00Z","lastSuccessfulTime":"2026-01-01T00:00:05Z","active":[]}""", HealthStatus.Degraded, "CronJob has not completed its last run successfully")]
    [InlineData("""{}""", """{"lastScheduleTime":"2026-01-01T00:00:00Z","lastSuccessfulTime":"2026-01-01T00:00:05Z"}""", HealthStatus.Healthy, "CronJob has completed its last run successfully")]
    public void CronJob_Status_HasHealth(string spec, string? status, HealthStatus expected, string message) => AssertHealth("batch/v1", "CronJob", spec, status, expected, message);

    [Theory]
    [InlineData(null, HealthStatus.Progressing, "Waiting for an address of the load balancer")]
    [InlineData("""{"loadBalancer":{}}""", HealthStatus.Progressing, "Waiting for an address of the load balancer")]
    [InlineData("""{"loadBalancer":{"ingress":[{"hostname":"a.example.com"}]}}""", HealthStatus.Healthy, "")]
    public void Ingress_Status_HasHealth(string? status, HealthStatus expected, string message)
    {
        AssertHealth("networking.k8s.io/v1", "Ingress", "{}", status, expected, message);
        AssertHealth("extensions/v1beta1", "Ingress", "{}", status, expected, message);
    }

    [Theory]
    [InlineData("AbleToScale", "False", "FailedGetScale", HealthStatus.Degraded)]
    [InlineData("AbleToScale", "False", "FailedUpdateScale", HealthStatus.Degraded)]
    [InlineData("ScalingActive", "False", "FailedGetResourceMetric", HealthStatus.Degraded)]
    [InlineData("ScalingActive", "False", "FailedGetObjectMetric", HealthStatus.Degraded)]
    [InlineData("ScalingActive", "False", "FailedGetPodsMetric", HealthStatus.Degraded)]
    [InlineData("ScalingActive", "False", "FailedGetExternalMetric", HealthStatus.Degraded)]
    [InlineData("ScalingActive", "False", "FailedComputeMetricsReplicas", HealthStatus.Degraded)]
    [InlineData("ScalingActive", "False", "InvalidSelector", HealthStatus.Degraded)]
    [InlineData("AbleToScale", "True", "ReadyForNewScale", HealthStatus.Healthy)]
    [InlineData("ScalingLimited", "True", "TooManyReplicas", HealthStatus.Healthy)]
    public void Autoscaler_Condition_HasHealth(string type, string status, string reason, HealthStatus expected) =>
        AssertHealth("autoscaling/v2", "HorizontalPodAutoscaler", "{}",
            $$"""{"conditions":[{"type":"{{type}}","status":"{{status}}","reason":"{{reason}}","message":"said"}]}""", expected, "said");

    [Fact]
    public void Autoscaler_ThatCanScaleButGetsNoMetric_IsDegraded() =>
        AssertHealth("autoscaling/v2", "HorizontalPodAutoscaler", "{}",
            """{"conditions":[{"type":"AbleToScale","status":"True","reason":"SucceededGetScale","message":"can"},{"type":"ScalingActive","status":"False","reason":"FailedGetResourceMetric","message":"no metrics"}]}""",
            HealthStatus.Degraded, "no metrics");

    [Theory]
    [InlineData(null, HealthStatus.Progressing, "Waiting to autoscale")]
    [InlineData("""{"conditions":[{"type":"ScalingActive","status":"True","reason":"ValidMetricFound"}]}""", HealthStatus.Progressing, "Waiting to autoscale")]
    public void Autoscaler_WithoutAnAnswerYet_IsProgressing(string? status, HealthStatus expected, string message) =>
        AssertHealth("autoscaling/v2", "HorizontalPodAutoscaler", "{}", status, expected, message);

    [Theory]
    [InlineData("""[{\"type\":\"AbleToScale\",\"status\":\"True\",\"reason\":\"ReadyForNewScale\",\"message\":\"ready\"}]""", HealthStatus.Healthy, "ready")]
    [InlineData("""[{\"type\":\"AbleToScale\",\"status\":\"False\",\"reason\":\"FailedGetScale\"}]""", HealthStatus.Degraded, "FailedGetScale")]
    [InlineData("[]", HealthStatus.Progressing, "Waiting to autoscale")]
    [InlineData("no json", HealthStatus.Progressing, "Waiting to autoscale")]
    public void Autoscaler_OfV1_IsReadFromItsAnnotation(string annotation, HealthStatus expected, string message)
    {
        var live = Live.Of("{\"metadata\":{\"name\":\"x\",\"annotations\":{\"autoscaling.alpha.kubernetes.io/conditions\":\"" + annotation + "\"}}}", "autoscaling/v1", "HorizontalPodAutoscaler");

        Assert.Equal(new ObjectHealth(expected, message), HealthRules.Assess(live));
    }

    [Theory]
    [InlineData("""{"conditions":[{"type":"Available","status":"True","reason":"Passed","message":"all checks passed"}]}""", HealthStatus.Healthy, "Passed: all checks passed")]
    [InlineData("""{"conditions":[{"type":"Available","status":"False","reason":"MissingEndpoints","message":"none"}]}""", HealthStatus.Progressing, "MissingEndpoints: none")]
    [InlineData("{}", HealthStatus.Progressing, "Waiting to be processed")]
    public void ApiService_Status_HasHealth(string status, HealthStatus expected, string message) =>
        AssertHealth("apiregistration.k8s.io/v1", "APIService", "{}", status, expected, message);

    [Theory]
    [InlineData("{}", HealthStatus.Progressing, "Waiting for status")]
    [InlineData("""{"conditions":[{"type":"DisruptionAllowed","status":"True","reason":"SufficientPods"}]}""", HealthStatus.Healthy, "PodDisruptionBudget has SufficientPods")]
    [InlineData("""{"conditions":[{"type":"DisruptionAllowed","status":"False","reason":"InsufficientPods"}]}""", HealthStatus.Healthy, "PodDisruptionBudget has InsufficientPods")]
    [InlineData("""{"conditions":[{"type":"DisruptionAllowed","status":"False","reason":"SyncFailed"}]}""", HealthStatus.Degraded, "PodDisruptionBudget has SyncFailed")]
    public void PodDisruptionBudget_Status_HasHealth(string status, HealthStatus expected, string message) =>
        AssertHealth("policy/v1", "PodDisruptionBudget", "{}", status, expected, message);

    [Theory]
    [InlineData("{}", HealthStatus.Progressing, "")]
    [InlineData("""{"phase":"Running","message":"m"}""", HealthStatus.Progressing, "m")]
    [InlineData("""{"phase":"Succeeded","message":"m"}""", HealthStatus.Healthy, "m")]
    [InlineData("""{"phase":"Failed","message":"m"}""", HealthStatus.Degraded, "m")]
    [InlineData("""{"phase":"Error","message":"m"}""", HealthStatus.Degraded, "m")]
    public void Workflow_Phase_HasHealth(string status, HealthStatus expected, string message) => AssertHealth("argoproj.io/v1alpha1", "Workflow", "{}", status, expected, message);

    [Theory]
    [InlineData("{}", HealthStatus.Progressing, "Waiting for rollout to finish: status has not been reconciled")]
    [InlineData("""{"observedGeneration":"1","phase":"Healthy"}""", HealthStatus.Progressing, "Waiting for rollout spec update to be observed")]
    [InlineData("""{"observedGeneration":"2","phase":"Healthy"}""", HealthStatus.Healthy, "")]
    [InlineData("""{"observedGeneration":"2","phase":"Paused","message":"CanaryPauseStep"}""", HealthStatus.Suspended, "CanaryPauseStep")]
    [InlineData("""{"observedGeneration":"2","phase":"Progressing","message":"m"}""", HealthStatus.Progressing, "m")]
    [InlineData("""{"observedGeneration":"2","phase":"Degraded","message":"m"}""", HealthStatus.Degraded, "m")]
    [InlineData("""{"observedGeneration":"2","phase":"Odd"}""", HealthStatus.Unknown, "Odd")]
    [InlineData("""{"phase":"Healthy","conditions":[{"type":"InvalidSpec","status":"True","message":"bad"}]}""", HealthStatus.Degraded, "bad")]
    public void Rollout_Status_HasHealth(string status, HealthStatus expected, string message) => AssertHealth("argoproj.io/v1alpha1", "Rollout", "{}", status, expected, message);

    [Fact]
    public void ArgoApplication_HasNoHealth() =>
        Assert.Null(HealthRules.Assess(Live.Of("""{"metadata":{"name":"x"},"status":{"health":{"status":"Degraded"},"conditions":[{"type":"Ready","status":"False"}]}}""", "argoproj.io/v1alpha1", "Application")));

    [Theory]
    [InlineData("", HealthStatus.Degraded)]
    [InlineData(",\"argocd.argoproj.io/hook\":\"PreSync\"", HealthStatus.Progressing)]
    public void Pod_ThatIgnoresItsRestartPolicy_FailsUnlessItIsAHook(string hook, HealthStatus expected)
    {
        var live = Live.Of(
            "{\"metadata\":{\"name\":\"x\",\"annotations\":{\"argocd.argoproj.io/ignore-restart-policy\":\"true\"" + hook + """}},"spec":{"restartPolicy":"Never"},"status":{"phase":"Pending","containerStatuses":[{"name":"a","state":{"waiting":{"reason":"ErrImagePull"}}}]}}""",
            "v1", "Pod");

        Assert.Equal(expected, HealthRules.Assess(live)?.Status);
    }

    [Fact]
    public void Pod_WhoseInitContainerNeededASecondRun_IsProgressing() =>
        AssertHealth("v1", "Pod", """{"restartPolicy":"Always"}""",
            """{"phase":"Running","initContainerStatuses":[{"name":"i","lastState":{"terminated":{"reason":"Error"}}}],"containerStatuses":[{"name":"a"}]}""",
            HealthStatus.Progressing, "Waiting for the pod to be ready");

    private static void AssertHealth(string apiVersion, string kind, string spec, string? status, HealthStatus expected, string message)
    {
        var live = Live.Of($$"""{"metadata":{"name":"x","generation":2},"spec":{{spec}}{{(status is null ? "" : $",\"status\":{status}")}} }""", apiVersion, kind);

        Assert.Equal(new ObjectHealth(expected, message), HealthRules.Assess(live));
        Assert.True(HealthRules.NeedsFullWatch(live.Id.Group, kind));
    }
}
