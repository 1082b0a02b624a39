using GitOpsGrains.Abstractions.Status;
using Microsoft.Extensions.Time.Testing;
using static GitOpsGrains.Lua.Tests.Scripts;

namespace GitOpsGrains.Lua.Tests;

/// <summary>A script that runs into its limits for one object after the other does not hold up the watch of a large kind.</summary>
public sealed class PauseTests
{
    private const string Stopped = "resource.customizations.health.example.com_Widget: it was stopped after 2000000 instructions";
    private const string Paused = "resource.customizations.health.example.com_Widget: it ran into its limits several times in a row and is left alone for a minute";

    [Fact]
    public void Script_StoppedFiveTimesInARow_IsLeftAloneForAMinute()
    {
        var time = new FakeTimeProvider();
        using var scripts = Health("if obj.status.loop then while true do end end return {status='Healthy'}", time);
        var looping = Live("""{"metadata":{"name":"w"},"status":{"loop":true}}""");
        for (var i = 0; i < 5; i++) Assert.Equal(new(HealthStatus.Unknown, Stopped), scripts.Assess(looping));

        Assert.Equal(new(HealthStatus.Unknown, Paused), scripts.Assess(Live(Widget)));
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(new(HealthStatus.Unknown, Paused), scripts.Assess(Live(Widget)));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HealthStatus.Healthy, scripts.Assess(Live(Widget))?.Status);
    }

    [Fact]
    public void Script_ThatRunsIntoItsLimitsAgainAfterThePause_IsLeftAloneAtOnce()
    {
        var time = new FakeTimeProvider();
        using var scripts = Health("while true do end", time);
        for (var i = 0; i < 5; i++) scripts.Assess(Live(Widget));
        time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(new(HealthStatus.Unknown, Stopped), scripts.Assess(Live(Widget)));
        Assert.Equal(new(HealthStatus.Unknown, Paused), scripts.Assess(Live(Widget)));
    }

    [Fact]
    public void Script_ThatEndsInBetween_IsNotLeftAlone()
    {
        using var scripts = Health("if obj.status.loop then while true do end end return {status='Healthy'}", new FakeTimeProvider());
        var looping = Live("""{"metadata":{"name":"w"},"status":{"loop":true}}""");
        for (var i = 0; i < 12; i++)
        {
            Assert.Equal(new(HealthStatus.Unknown, Stopped), scripts.Assess(looping));
            Assert.Equal(HealthStatus.Healthy, scripts.Assess(Live(Widget))?.Status);
        }
    }
}
