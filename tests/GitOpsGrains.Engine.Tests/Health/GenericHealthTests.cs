using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Engine.Health;

namespace GitOpsGrains.Engine.Tests.Health;

/// <summary>Custom resources, by kstatus.</summary>
public sealed class GenericHealthTests
{
    [Theory]
    [InlineData("{}", HealthStatus.Healthy, "")]
    [InlineData("""{"observedGeneration":1}""", HealthStatus.Progressing, "Waiting for the controller: it has seen generation 1 of 2")]
    [InlineData("""{"observedGeneration":2}""", HealthStatus.Healthy, "")]
    [InlineData("""{"observedGeneration":"1"}""", HealthStatus.Healthy, "")]
    [InlineData("""{"observedGeneration":1,"conditions":[{"type":"Stalled","status":"True","message":"m"}]}""", HealthStatus.Progressing, "Waiting for the controller: it has seen generation 1 of 2")]
    [InlineData("""{"conditions":[{"type":"Reconciling","status":"True","reason":"Updating","message":"m"},{"type":"Stalled","status":"True"}]}""", HealthStatus.Progressing, "m")]
    [InlineData("""{"conditions":[{"type":"Stalled","status":"True","reason":"BadSpec"},{"type":"Ready","status":"True"}]}""", HealthStatus.Degraded, "BadSpec")]
    [InlineData("""{"conditions":[{"type":"Stalled","status":"False"},{"type":"Reconciling","status":"False"},{"type":"Ready","status":"True","message":"m"}]}""", HealthStatus.Healthy, "")]
    [InlineData("""{"conditions":[{"type":"Ready","status":"False","message":"not yet"}]}""", HealthStatus.Progressing, "not yet")]
    [InlineData("""{"conditions":[{"type":"Ready","status":"Unknown","reason":"Asking"}]}""", HealthStatus.Progressing, "Asking")]
    [InlineData("""{"conditions":"none"}""", HealthStatus.Healthy, "")]
    [InlineData("""{"conditions":[null,7,{"type":5}]}""", HealthStatus.Healthy, "")]
    public void Assess_CustomResource_FollowsItsConditions(string status, HealthStatus expected, string message) =>
        Assert.Equal(new ObjectHealth(expected, message), HealthRules.Assess(Of($",\"status\":{status}")));

    [Theory]
    [InlineData("")]
    [InlineData(",\"status\":null")]
    [InlineData(",\"status\":\"fine\"")]
    public void Assess_CustomResourceWithoutStatus_HasNoHealth(string status) => Assert.Null(HealthRules.Assess(Of(status)));

    private static Engine.Resources.LiveObject Of(string status) =>
        Live.Of("{\"metadata\":{\"name\":\"x\",\"generation\":2}" + status + "}", "example.com/v1", "Database");
}
