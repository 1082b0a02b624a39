using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Policy;

namespace GitOpsGrains.Engine.Tests.Policy;

/// <summary>Which syncs the windows of a project let through, and when that changes.</summary>
public sealed class SyncWindowsTests
{
    private static readonly SyncWindowSpec Night = new() { Kind = "allow", Schedule = "0 22 * * *", Duration = TimeSpan.FromHours(6), Applications = ["*"] };
    private static readonly SyncWindowSpec Noon = new() { Kind = "deny", Schedule = "0 12 * * *", Duration = TimeSpan.FromHours(1), Applications = ["*"] };

    [Fact]
    public void Evaluate_NoWindowThatConcernsIt_IsAlwaysOpen()
    {
        Assert.Equal(WindowVerdict.Always, Verdict("2026-03-10 12:30"));
        Assert.Equal(WindowVerdict.Always, Verdict("2026-03-10 12:30", Noon with { Applications = ["other"] }));
        Assert.Equal(WindowVerdict.Always, Verdict("2026-03-10 12:30", Noon with { Applications = [] }));
    }

    [Theory]
    [InlineData("2026-03-10 11:59:59", true, "2026-03-10 12:00")]
    [InlineData("2026-03-10 12:00:00", false, "2026-03-10 13:00")]
    [InlineData("2026-03-10 12:59:59", false, "2026-03-10 13:00")]
    [InlineData("2026-03-10 13:00:00", true, "2026-03-11 12:00")]
    public void Evaluate_DenyWindow_BlocksFromItsFirstMomentToItsLast(string now, bool open, string next)
    {
        var verdict = Verdict(now, Noon);

        Assert.Equal((open, open, At(next)), (verdict.Automated, verdict.Manual, verdict.NextChange));
    }

    [Theory]
    [InlineData("2026-03-10 21:59:59", false, "2026-03-10 22:00")]
    [InlineData("2026-03-10 22:00:00", true, "2026-03-11 04:00")]
    [InlineData("2026-03-11 00:00:00", true, "2026-03-11 04:00")]
    [InlineData("2026-03-11 03:59:59", true, "2026-03-11 04:00")]
    [InlineData("2026-03-11 04:00:00", false, "2026-03-11 22:00")]
    public void Evaluate_AllowWindowOverMidnight_LetsThroughOnlyInside(string now, bool open, string next)
    {
        var verdict = Verdict(now, Night);

        Assert.Equal((open, open, At(next)), (verdict.Automated, verdict.Manual, verdict.NextChange));
    }

    [Fact]
    public void Evaluate_DenyInsideAllow_DenyWins()
    {
        var midnight = Noon with { Schedule = "0 0 * * *" };

        Assert.True(Verdict("2026-03-10 23:30", Night, midnight).Automated);
        var denied = Verdict("2026-03-11 00:30", Night, midnight);
        Assert.False(denied.Automated);
        Assert.Equal("the deny window '0 0 * * *' for 1h, UTC is open; syncs go on at 2026-03-11 01:00:00Z", denied.Message);
        Assert.True(Verdict("2026-03-11 01:00", Night, midnight).Automated);
    }

    [Fact]
    public void Evaluate_DenyThatEndsOutsideOfTheAllow_SaysWhenTheAllowOpens()
    {
        var denied = Verdict("2026-03-10 12:30", Night, Noon);

        Assert.Equal(At("2026-03-10 13:00"), denied.NextChange);
        Assert.Equal(At("2026-03-10 22:00"), denied.OpensAt);
        Assert.Equal("the deny window '0 12 * * *' for 1h, UTC is open; syncs go on at 2026-03-10 22:00:00Z", denied.Message);
        Assert.Equal("none of the allow windows is open ('0 22 * * *' for 6h, UTC); syncs go on at 2026-03-10 22:00:00Z", Verdict("2026-03-10 13:00", Night, Noon).Message);
    }

    [Fact]
    public void Evaluate_OneOfTwoAllowWindows_IsEnough()
    {
        var lunch = Night with { Schedule = "0 12 * * *", Duration = TimeSpan.FromHours(1) };

        Assert.True(Verdict("2026-03-10 12:30", Night, lunch).Automated);
        Assert.Equal(At("2026-03-10 22:00"), Verdict("2026-03-10 13:00", Night, lunch).OpensAt);
    }

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(true, false, false)]
    [InlineData(true, true, true)]
    public void Evaluate_OpenDenies_LetAPersonThroughOnlyIfAllSayManualSync(bool first, bool second, bool manual)
    {
        var verdict = Verdict("2026-03-10 12:30", Noon with { ManualSync = first }, Noon with { ManualSync = second });

        Assert.Equal((false, manual), (verdict.Automated, verdict.Manual));
    }

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(true, false, false)]
    [InlineData(true, true, true)]
    public void Evaluate_ClosedAllows_LetAPersonThroughOnlyIfAllSayManualSync(bool first, bool second, bool manual)
    {
        var verdict = Verdict("2026-03-10 12:30", Night with { ManualSync = first }, Night with { ManualSync = second });

        Assert.Equal((false, manual), (verdict.Automated, verdict.Manual));
    }

    [Fact]
    public void Evaluate_OpenDenyWithManualSync_DoesNotAskTheClosedAllows()
    {
        // Argo CD asks the allow windows only when no deny is open.
        Assert.True(Verdict("2026-03-10 12:30", Night, Noon with { ManualSync = true }).Manual);
    }

    [Theory]
    [InlineData(false, "shop", "x", "y", true)]
    [InlineData(false, "x", "web", "y", true)]
    [InlineData(false, "x", "y", "eu-1", true)]
    [InlineData(false, "x", "y", "z", false)]
    [InlineData(true, "shop", "web", "eu-1", true)]
    [InlineData(true, "shop", "web", "z", false)]
    [InlineData(true, "shop", "y", "eu-1", false)]
    [InlineData(true, "x", "web", "eu-1", false)]
    public void Concerns_ListsOfPatterns_OneOrAllMustMatch(bool and, string application, string space, string cluster, bool expected)
    {
        var window = Noon with { AndOperator = and, Applications = ["sh*"], Namespaces = ["w?b"], Clusters = ["eu-*", "us-*"] };

        Assert.Equal(expected, SyncWindows.Concerns(window, application, space, cluster));
    }

    [Theory]
    [InlineData("shop", true)]
    [InlineData("other", false)]
    public void Concerns_AndWithOneList_AsksOnlyThat(string application, bool expected) =>
        Assert.Equal(expected, SyncWindows.Concerns(Noon with { AndOperator = true, Applications = ["shop"] }, application, "any", "any"));

    [Fact]
    public void Concerning_SeveralClusters_KeepsWhatConcernsAny()
    {
        SyncWindowSpec[] windows = [Noon with { Applications = [], Clusters = ["eu-1"] }, Noon with { Applications = [], Clusters = ["us-1"] }, Noon with { Applications = ["other"] }];

        Assert.Equal([windows[0]], SyncWindows.Concerning(windows, "shop", "web", ["eu-1", "eu-2"]));
        Assert.Equal([windows[0], windows[1]], SyncWindows.Concerning(windows, "shop", "web", ["eu-1", "us-1"]));
    }

    [Fact]
    public void Evaluate_TimesThatOverlapOrMeet_AreOneWindow()
    {
        var overlapping = Noon with { Schedule = "0,30 12 * * *", Duration = TimeSpan.FromMinutes(45) };
        var meeting = Noon with { Schedule = "0 12,13 * * *" };

        Assert.Equal(At("2026-03-10 13:15"), Verdict("2026-03-10 12:10", overlapping).NextChange);
        Assert.Equal(At("2026-03-10 14:00"), Verdict("2026-03-10 12:10", meeting).NextChange);
    }

    [Fact]
    public void Evaluate_WindowThatNeverCloses_IsAskedAgainLater()
    {
        var verdict = Verdict("2026-03-10 12:10", Noon with { Schedule = "* * * * *" });

        Assert.False(verdict.Automated);
        Assert.Null(verdict.OpensAt);
        Assert.True(verdict.NextChange > At("2026-03-11 00:00"));
        Assert.Equal("the deny window '* * * * *' for 1h, UTC is open", verdict.Message);
    }

    [Fact]
    public void Evaluate_OverlappingDenies_EndWithTheLastOne()
    {
        var later = Noon with { Schedule = "30 12 * * *", Duration = TimeSpan.FromHours(2) };
        var verdict = Verdict("2026-03-10 12:45", Noon, later);

        Assert.Equal((At("2026-03-10 13:00"), At("2026-03-10 14:30")), (verdict.NextChange, verdict.OpensAt));
    }

    [Fact]
    public void Evaluate_BothDaysRestricted_EitherIsEnough()
    {
        var window = Noon with { Schedule = "0 12 1 * 5" };

        Assert.False(Verdict("2026-04-01 12:30", window).Automated);
        Assert.False(Verdict("2026-04-03 12:30", window).Automated);
        Assert.True(Verdict("2026-04-02 12:30", window).Automated);
        Assert.True(Verdict("2026-04-03 12:30", window with { Schedule = "0 12 1 * *" }).Automated);
    }

    [Theory]
    [InlineData("2026-01-15 21:30", true)]
    [InlineData("2026-01-15 20:30", false)]
    [InlineData("2026-07-15 20:30", true)]
    [InlineData("2026-07-15 21:30", false)]
    public void Evaluate_TimeZone_FollowsSummerTime(string now, bool open)
    {
        var berlin = Night with { TimeZone = "Europe/Berlin", Duration = TimeSpan.FromHours(1) };

        Assert.Equal(open, Verdict(now, berlin).Automated);
    }

    [Theory]
    [InlineData("2026-03-29 00:59:59", true, "2026-03-29 01:00")]
    [InlineData("2026-03-29 01:00:00", false, "2026-03-29 02:00")]
    [InlineData("2026-03-29 02:00:00", true, "2026-03-30 00:30")]
    public void Evaluate_TimeThatSpringSkips_OpensRightAfterTheGap(string now, bool open, string next)
    {
        var verdict = Verdict(now, Noon with { Schedule = "30 2 * * *", TimeZone = "Europe/Berlin" });

        Assert.Equal((open, At(next)), (verdict.Automated, verdict.NextChange));
    }

    [Theory]
    [InlineData("2026-10-25 00:29:59", true, "2026-10-25 00:30")]
    [InlineData("2026-10-25 00:30:00", false, "2026-10-25 01:30")]
    [InlineData("2026-10-25 01:30:00", true, "2026-10-26 01:30")]
    public void Evaluate_TimeThatAutumnRepeats_ComesOnce(string now, bool open, string next)
    {
        var verdict = Verdict(now, Noon with { Schedule = "30 2 * * *", TimeZone = "Europe/Berlin" });

        Assert.Equal((open, At(next)), (verdict.Automated, verdict.NextChange));
    }

    [Fact]
    public void Evaluate_DurationOverAClockChange_IsRealTime() =>
        Assert.Equal(At("2026-03-29 03:00"), Verdict("2026-03-28 23:30", Night with { Kind = "deny", Schedule = "0 0 * * *", TimeZone = "Europe/Berlin", Duration = TimeSpan.FromHours(4) }).NextChange);

    [Theory]
    [InlineData("deny", "Mars/Olympus", "0 12 * * *", "the deny window '0 12 * * *' for 1h, Mars/Olympus can't be told: timeZone: not a time zone of this server's time zone data; give a name such as Europe/Berlin or UTC")]
    [InlineData("allow", "UTC", "whenever", "the allow window 'whenever' for 1h, UTC can't be told: schedule: not a cron schedule: minute, hour, day of month, month, day of week, for example '0 22 * * 1-5'")]
    public void Evaluate_WindowThatCantBeRead_IsAgainstEverything(string kind, string zone, string schedule, string reason)
    {
        var verdict = Verdict("2026-03-10 03:00", Noon with { Kind = kind, TimeZone = zone, Schedule = schedule });

        Assert.Equal((false, false, reason, null), (verdict.Automated, verdict.Manual, verdict.Message, verdict.NextChange));
    }

    [Fact]
    public void Evaluate_Description_IsShown() =>
        Assert.StartsWith("the deny window '0 12 * * *' for 1h, UTC: lunch is open; ", Verdict("2026-03-10 12:30", Noon with { Description = "lunch" }).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void MayOverrun_AllowWindowEnds_IfItSaysSo(bool overrun, bool expected) =>
        Assert.Equal(expected, Overrun("2026-03-11 03:59", "2026-03-11 04:01", Night with { SyncOverrun = overrun }));

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void MayOverrun_DenyWindowBegins_IfItSaysSo(bool overrun, bool expected) =>
        Assert.Equal(expected, Overrun("2026-03-10 11:59", "2026-03-10 12:01", Noon with { SyncOverrun = overrun }));

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    public void MayOverrun_SeveralTurnAgainstIt_AllMustSaySo(bool allow, bool deny, bool expected) =>
        Assert.Equal(expected, Overrun("2026-03-10 11:59", "2026-03-10 12:01",
            Night with { Schedule = "0 11 * * *", Duration = TimeSpan.FromHours(1), SyncOverrun = allow }, Noon with { SyncOverrun = deny }));

    [Fact]
    public void MayOverrun_AllowThatWasClosedWhenItBegan_IsNotAsked() =>
        Assert.True(Overrun("2026-03-10 11:30", "2026-03-10 12:01", Night with { Schedule = "0 11 * * *", Duration = TimeSpan.FromHours(1), SyncOverrun = true }, Night));

    private static WindowVerdict Verdict(string now, params SyncWindowSpec[] windows) => SyncWindows.Evaluate(windows, "shop", "web", "eu-1", At(now));

    private static bool Overrun(string started, string now, params SyncWindowSpec[] windows) => SyncWindows.MayOverrun(windows, "shop", "web", "eu-1", At(started), At(now));

    private static DateTimeOffset At(string time) => DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal);
}
