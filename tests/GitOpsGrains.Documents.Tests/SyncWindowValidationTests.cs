namespace GitOpsGrains.Documents.Tests;

/// <summary>A window that nothing could obey is a fault of the document.</summary>
public sealed class SyncWindowValidationTests
{
    private const string Cron = "not a cron schedule: minute, hour, day of month, month, day of week, for example '0 22 * * 1-5'";
    private const string Zone = "not a time zone of this server's time zone data; give a name such as Europe/Berlin or UTC";

    [Theory]
    [InlineData("schedule: '0 22 * * *', duration: 1h", "kind: required")]
    [InlineData("kind: Allow, schedule: '0 22 * * *', duration: 1h", "kind: expected one of allow, deny; did you mean allow?")]
    [InlineData("kind: deny, duration: 1h", "schedule: required")]
    [InlineData("kind: deny, schedule: '0 22 * *', duration: 1h", "schedule: " + Cron)]
    [InlineData("kind: deny, schedule: '0 0 22 * * *', duration: 1h", "schedule: " + Cron)]
    [InlineData("kind: deny, schedule: '60 22 * * *', duration: 1h", "schedule: " + Cron)]
    [InlineData("kind: deny, schedule: '@daily', duration: 1h", "schedule: " + Cron)]
    [InlineData("kind: deny, schedule: '0 0 30 2 *', duration: 1h", "schedule: no day is ever like that")]
    [InlineData("kind: deny, schedule: '0 22 * * *'", "duration: required")]
    [InlineData("kind: deny, schedule: '0 22 * * *', duration: 59s", "duration: must be from 1m to 8784h")]
    [InlineData("kind: deny, schedule: '0 22 * * *', duration: 8785h", "duration: must be from 1m to 8784h")]
    [InlineData("kind: deny, schedule: '0 22 * * *', duration: 1h, timeZone: Europe/Berlyn", "timeZone: " + Zone)]
    [InlineData("kind: deny, schedule: '0 22 * * *', duration: 1h, timeZone: ''", "timeZone: " + Zone)]
    [InlineData("kind: deny, schedule: '0 22 * * *', duration: 1h, timeZone: ../../etc/passwd", "timeZone: " + Zone)]
    [InlineData("kind: deny, schedule: '0 22 * * *', duration: 1h, applications: ['!web']", "applications[0]: patterns can't be negated")]
    [InlineData("kind: deny, schedule: '0 22 * * *', duration: 1h, namespaces: ['']", "namespaces[0]: required")]
    [InlineData("kind: deny, schedule: '0 22 * * *', duration: 1h, clusters: [\"a\\tb\"]", "clusters[0]: holds a control character")]
    [InlineData("kind: deny, schedule: '0 22 * * *', duration: 1h, description: \"a\\nb\"", "description: holds a control character")]
    [InlineData("kind: deny, schedule: '0 22 * * *', duration: 1h, manualSnyc: true", "manualSnyc: unknown field; did you mean manualSync?")]
    [InlineData("kind: deny, schedule: '0 22 * * *', duration: soon", "duration: expected a duration such as 30s, 3m or 1h30m, got other text")]
    public void Validate_WindowWithOneFault_IsTold(string window, string expected)
    {
        var faults = Faults($"{window}{(window.Contains("ications", StringComparison.Ordinal) ? "" : ", applications: ['*']")}");
        Assert.Equal([$"document 0 (Project shop), line 4: spec.syncWindows[0].{expected}"], faults);
    }

    [Fact]
    public void Validate_WindowThatConcernsNothing_IsAFault() => Assert.Equal(
        ["document 0 (Project shop), line 4: spec.syncWindows[0]: concerns nothing: give applications, namespaces or clusters; applications: [\"*\"] means all"],
        Faults("kind: deny, schedule: '0 22 * * *', duration: 1h"));

    [Fact]
    public void Validate_TooManyWindows_IsOneFault()
    {
        var windows = string.Join(", ", Enumerable.Repeat("{kind: deny, schedule: '0 22 * * *', duration: 1h, applications: ['*']}", 51));
        Assert.Equal(["document 0 (Project shop), line 4: spec.syncWindows: more than 50 windows"], Streams.Faults(Project($"[{windows}]")));
    }

    [Theory]
    [InlineData("kind: allow, schedule: '0 22 * * 1-5', duration: 6h, timeZone: Europe/Berlin, description: at night, applications: ['*'], namespaces: [web], clusters: ['eu-*'], manualSync: true, andOperator: true, syncOverrun: true")]
    [InlineData("kind: deny, schedule: '*/5 8-17 1,15 * MON', duration: 8784h, clusters: [eu-1]")]
    [InlineData("kind: deny, schedule: '0 0 29 2 *', duration: 24h, clusters: [eu-1]")]
    public void Validate_WindowThatIsRight_IsTaken(string window) => Assert.Empty(Faults(window));

    [Fact]
    public void Parse_Window_KeepsWhatWasSaid()
    {
        var window = Assert.Single(((ProjectDocument)Streams.Parse(Project("[{kind: allow, schedule: '0 22 * * *', duration: 90m, clusters: [eu-1]}]")).Documents[0]).Spec.SyncWindows);

        Assert.Equal(("allow", "0 22 * * *", TimeSpan.FromMinutes(90), "UTC"), (window.Kind, window.Schedule, window.Duration, window.TimeZone));
        Assert.Equal((false, false, false), (window.ManualSync, window.AndOperator, window.SyncOverrun));
    }

    private static string[] Faults(string window) => Streams.Faults(Project($"[{{{window}}}]"));

    private static string Project(string windows) => $"apiVersion: gitopsgrains.io/v1\nkind: Project\nmetadata: {{name: shop}}\nspec: {{syncWindows: {windows}}}\n";
}
