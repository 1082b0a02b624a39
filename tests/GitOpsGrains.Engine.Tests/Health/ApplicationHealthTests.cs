using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Health;

namespace GitOpsGrains.Engine.Tests.Health;

public sealed class ApplicationHealthTests
{
    private static readonly ObjectStanding Healthy = Counting(HealthStatus.Healthy);
    private static readonly ObjectStanding Degraded = Counting(HealthStatus.Degraded);
    private static readonly ObjectStanding WithoutHealth = Counting(null);

    [Fact]
    public void Of_NoObjects_IsHealthy() => Assert.Equal(HealthStatus.Healthy, ApplicationHealth.Of([]));

    [Fact]
    public void Of_LiveObjects_IsTheWorst() =>
        Assert.Equal(HealthStatus.Degraded, ApplicationHealth.Of([Healthy, Degraded, Counting(HealthStatus.Progressing), WithoutHealth]));

    [Fact]
    public void Of_ObjectsWithoutHealth_IsHealthy() => Assert.Equal(HealthStatus.Healthy, ApplicationHealth.Of([WithoutHealth]));

    [Fact]
    public void Of_ObjectThatDoesNotCount_LeavesItOut() =>
        Assert.Equal(HealthStatus.Healthy, ApplicationHealth.Of([Healthy, Degraded with { Counts = false }]));

    [Fact]
    public void Of_OneMissing_LeavesItOut() => Assert.Equal(HealthStatus.Healthy, ApplicationHealth.Of([ObjectStanding.Missing, Healthy]));

    [Fact]
    public void Of_AllMissing_IsMissing() => Assert.Equal(HealthStatus.Missing, ApplicationHealth.Of([ObjectStanding.Missing, ObjectStanding.Missing]));

    [Fact]
    public void Of_OnlyTheObjectThatDoesNotCountIsLive_IsHealthy() =>
        Assert.Equal(HealthStatus.Healthy, ApplicationHealth.Of([ObjectStanding.Missing, Degraded with { Counts = false }]));

    [Theory]
    [InlineData("{}", true)]
    [InlineData("""{"argocd.argoproj.io/ignore-healthcheck":"true"}""", false)]
    [InlineData("""{"gitopsgrains.io/ignore-healthcheck":"true"}""", false)]
    [InlineData("""{"argocd.argoproj.io/ignore-healthcheck":"false"}""", true)]
    [InlineData("""{"argocd.argoproj.io/hook":"PostSync"}""", false)]
    [InlineData("""{"gitopsgrains.io/hook":"PostSync"}""", false)]
    [InlineData("""{"helm.sh/hook":"pre-install"}""", false)]
    [InlineData("""{"helm.sh/hook":"crd-install"}""", true)]
    public void ObservedObject_Annotations_SayWhetherItCounts(string annotations, bool expected)
    {
        var live = Live.Of("{\"metadata\":{\"name\":\"x\",\"annotations\":" + annotations + "},\"status\":{\"phase\":\"Lost\"}}", "v1", "PersistentVolumeClaim");

        var observed = ObservedObject.From(live, full: true, HealthAssessor.BuiltIn);

        Assert.Equal(expected, observed.CountsForHealth);
        Assert.Equal(HealthStatus.Degraded, observed.Health?.Status);
        Assert.Equal(expected, ObservedObject.From(live, full: false, HealthAssessor.BuiltIn).CountsForHealth);
    }

    private static ObjectStanding Counting(HealthStatus? health) => new(IsLive: true, Counts: true, health);
}
