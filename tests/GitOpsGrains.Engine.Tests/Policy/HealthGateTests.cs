using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Engine.Health;
using GitOpsGrains.Engine.Policy;

namespace GitOpsGrains.Engine.Tests.Policy;

public sealed class HealthGateTests
{
    private static readonly GateMember Applied = Of("config", null);
    private static readonly GateMember Healthy = Of("healthy", HealthStatus.Healthy);

    [Fact]
    public void Check_AllAppliedAndHealthy_IsOpen() => Assert.True(HealthGate.Check([Applied, Healthy], isLast: false).IsOpen);

    [Fact]
    public void Check_Progressing_WaitsWithItsMessage()
    {
        var verdict = HealthGate.Check([Healthy, Of("web", HealthStatus.Progressing, "1 of 2"), Of("db", HealthStatus.Unknown)], isLast: true);

        Assert.Equal(new GateVerdict(null, 2, "ConfigMap shop/web: 1 of 2"), verdict);
        Assert.False(verdict.IsOpen);
    }

    [Fact]
    public void Check_Degraded_FailsWithItsMessage() =>
        Assert.Equal("ConfigMap shop/web: no image", HealthGate.Check([Of("db", HealthStatus.Progressing), Of("web", HealthStatus.Degraded, "no image")], isLast: true).Failed);

    [Fact]
    public void Check_Missing_Waits() =>
        Assert.Equal(new GateVerdict(null, 1, "ConfigMap shop/web is missing"), HealthGate.Check([Of("web", null) with { IsThere = false }], isLast: true));

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 0)]
    public void Check_Suspended_HoldsUpOnlyWhatFollows(bool isLast, int waiting) =>
        Assert.Equal(waiting, HealthGate.Check([Of("web", HealthStatus.Suspended, "paused")], isLast).Waiting);

    private static GateMember Of(string name, HealthStatus? health, string message = "") =>
        new(new ResourceId("", "ConfigMap", "shop", name), health is { } status ? new ObjectHealth(status, message) : null, IsThere: true);
}
