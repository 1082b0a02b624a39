using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Rest;
using Microsoft.AspNetCore.Http;

namespace GitOpsGrains.Cli.Tests;

public sealed class ApplicationTests
{
    private const string Diff = "GET /api/v1/applications/default/web/diff";
    private const string One = "GET /api/v1/applications/default/web";
    private const string Watch = "GET /api/v1/watch";

    [Fact]
    public async Task Diff_EqualDifferentAndFailed_HaveTheirExitCodes()
    {
        await using var server = await StubServer.StartAsync();
        using var run = new CommandLineRun(server.Url);
        server.OnJson(Diff, new DiffView { Equal = true });
        Assert.Equal(0, await run.RunAsync("app diff web"));
        Assert.Equal("", run.Out.ToString());

        server.OnJson(Diff + "?cluster=eu-1&revision=abc", new DiffView
        {
            Targets =
            [
                new TargetDiffView
                {
                    Cluster = "eu-1",
                    Objects =
                    [
                        new ObjectDiffView { Id = "apps/Deployment:web/web", Group = "apps", Kind = "Deployment", Namespace = "web", Name = "web", Change = "update", Fields = [new DriftView { Path = "/spec/replicas", From = "3", To = "2", Manager = "kubectl" }] },
                        new ObjectDiffView { Id = "/Namespace:/web", Kind = "Namespace", Name = "web", Change = "create" },
                    ],
                },
            ],
        });
        Assert.Equal(1, await run.RunAsync("app diff web --cluster eu-1 --revision abc"));
        Assert.Equal("~ eu-1 Deployment.apps web/web (update)\n    /spec/replicas  (set by kubectl)\n      - 3\n      + 2\n+ eu-1 Namespace web (create)\n", run.Out.ToString());

        Assert.Equal(1, await run.RunAsync("app diff web --cluster eu-1 --revision abc -o json"));
        Assert.Equal("/spec/replicas", System.Text.Json.JsonElement.Parse(run.Out.ToString()).GetProperty("targets")[0].GetProperty("objects")[0].GetProperty("fields")[0].GetProperty("path").GetString());
        Assert.Equal(2, await run.RunAsync("app diff web -o yaml"));

        server.OnJson(Diff, new DiffView { Targets = [new TargetDiffView { Cluster = "us-1", Error = "unreachable" }] });
        Assert.Equal(4, await run.RunAsync("app diff web"));
        Assert.Equal("error: cluster us-1: unreachable\n", run.Error.ToString());
        server.OnProblem(Diff, new ProblemView { Status = 404, Detail = "no application default/web" });
        Assert.Equal(4, await run.RunAsync("app diff web"));
        Assert.Equal("error: no application default/web\n", run.Error.ToString());
        Assert.Equal(2, await run.RunAsync("app diff WEB"));
    }

    [Fact]
    public async Task Diff_WithUnifiedText_PrintsItWithoutControlCharacters()
    {
        await using var server = await StubServer.StartAsync();
        using var run = new CommandLineRun(server.Url);
        server.OnJson(Diff, new DiffView
        {
            Targets =
            [
                new TargetDiffView
                {
                    Cluster = "eu-1",
                    Objects =
                    [
                        new ObjectDiffView { Kind = "ConfigMap", Namespace = "web", Name = "a", Change = "update", Diff = "--- live\n+++ wanted\n@@ -1 +1 @@\n-a: \u001b[31m\n+a: 2\n", Fields = [new DriftView { Path = "/a" }] },
                        new ObjectDiffView { Kind = "ConfigMap", Namespace = "web", Name = "b", Change = "delete", Note = "stays: prune is off", DiffIsCut = true },
                    ],
                },
            ],
        });

        Assert.Equal(1, await run.RunAsync("app diff web"));
        Assert.Equal(
            "~ eu-1 ConfigMap web/a (update)\n--- live\n+++ wanted\n@@ -1 +1 @@\n-a:  [31m\n+a: 2\n- eu-1 ConfigMap web/b (delete; stays: prune is off)\n  … more than can be shown\n",
            run.Out.ToString());
    }

    [Fact]
    public async Task Wait_ChangeOnTheWatch_EndsTheWaitWithoutPolling()
    {
        await using var server = await StubServer.StartAsync();
        var view = Status("OutOfSync", "Progressing");
        var asked = 0;
        var first = new TaskCompletionSource();
        server.On(One, async context =>
        {
            await context.Response.WriteAsJsonAsync(view, Documents.Json.DocumentJson.Rest);
            if (++asked == 1) first.SetResult();
        });
        server.On(Watch, async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.Body.FlushAsync();
            await first.Task;
            await context.Response.WriteAsync("id: 1\ndata: {\"kind\":\"Application\",\"project\":\"default\",\"name\":\"other\"}\n\n");
            view = Status("Synced", "Healthy");
            await context.Response.WriteAsync("id: 2\ndata: {\"kind\":\"Application\",\"project\":\"default\",\"name\":\"web\"}\n\n");
            await context.Response.Body.FlushAsync();
            await StubServer.UntilLeftAsync(context);
        });
        using var run = new CommandLineRun(server.Url);

        Assert.Equal(0, await run.RunAsync("app wait web --timeout 20s"));
        Assert.Equal("application/default/web Synced Healthy\n", run.Out.ToString());
        Assert.Equal(2, asked);
    }

    [Theory]
    [InlineData("--sync", "Synced", "Degraded", 0)]
    [InlineData("--health", "OutOfSync", "Healthy", 0)]
    [InlineData("--sync --health", "OutOfSync", "Healthy", 3)]
    [InlineData("", "Synced", "Progressing", 3)]
    [InlineData("--revision 0123", "Synced", "Healthy", 0)]
    [InlineData("--revision 9", "Synced", "Healthy", 3)]
    public async Task Wait_WithoutWatch_AsksUntilTheGoalOrTheTimeout(string options, string sync, string health, int expected)
    {
        await using var server = await StubServer.StartAsync();
        server.OnJson(One, Status(sync, health));
        using var run = new CommandLineRun(server.Url);

        Assert.Equal(expected, await run.RunAsync($"app wait web --timeout 300ms {options}"));
        if (expected == 3)
            Assert.EndsWith($"error: not done after 300ms; last seen: application/default/web {sync} {health}\n", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task History_Entries_AreATable()
    {
        await using var server = await StubServer.StartAsync();
        var at = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        server.OnJson(One + "/history", new ListView<HistoryView> { Items = [new HistoryView { Id = "1", Cluster = "eu-1", Revision = "0123456789abcdef", Author = "Ann", Message = "Scale up\n\nmore", Started = at, Trigger = "commit", Result = "Succeeded", Objects = [new HistoryObjectView()] }] });
        using var run = new CommandLineRun(server.Url);

        Assert.Equal(0, await run.RunAsync("app history web"));
        Assert.Equal(
            "STARTED                CLUSTER   REVISION     RESULT      TRIGGER   CHANGED   AUTHOR   MESSAGE\n2026-01-02 03:04:05Z   eu-1      0123456789   Succeeded   commit    1         Ann      Scale up\n",
            run.Out.ToString());
    }

    [Fact]
    public async Task Tree_Targets_ShowObjectsAndDrift()
    {
        await using var server = await StubServer.StartAsync();
        server.OnJson(One + "/targets", new ListView<TargetView> { Items = [new TargetView { Cluster = "eu-1" }] });
        server.OnJson(One + "/targets/eu-1", new TargetView
        {
            Cluster = "eu-1",
            Sync = "OutOfSync",
            Health = "Healthy",
            Revision = "0123456789abcdef",
            Conditions = [new ConditionView { Type = "Fight", Message = "an HPA sets replicas" }],
            Objects = [new ObjectView { Group = "apps", Kind = "Deployment", Namespace = "web", Name = "web", Sync = "OutOfSync", Health = "Healthy", Drift = [new DriftView { Path = "/spec/replicas", From = "3", Manager = "kubectl" }, new DriftView { Path = "/spec/paused", To = "true", Manager = "k9s", Operation = "Update", Time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), Likely = true }], ForeignFields = [new ForeignFieldView { Path = ".spec.x", Manager = "rogue", Operation = "Apply" }], Repaired = new RepairView { Time = new DateTimeOffset(2026, 1, 2, 3, 4, 6, TimeSpan.Zero), Drift = [new DriftView { Path = "/spec/replicas", From = "3", To = "9", Manager = "kubectl-edit", Operation = "Update", Time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero) }] } }],
        });
        using var run = new CommandLineRun(server.Url);

        Assert.Equal(0, await run.RunAsync("app tree web"));
        var lines = run.Out.ToString().Split('\n').Select(static line => line.TrimStart(' ', '│', '└', '├', '─', '|', '`', '-')).ToArray();
        Assert.Equal(
            ["application/default/web", "eu-1  OutOfSync  Healthy  0123456789", "! Fight: an HPA sets replicas", "Deployment.apps web/web  OutOfSync  Healthy", "/spec/replicas: 3 -> (absent) by kubectl", "/spec/paused: (absent) -> true likely by k9s (Update, 2026-01-02 03:04:05Z)", "put back 2026-01-02 03:04:06Z: /spec/replicas: 3 -> 9 by kubectl-edit (Update, 2026-01-02 03:04:05Z)", ".spec.x: not in Git, rogue (Apply)", ""],
            lines);
    }

    private static ApplicationView Status(string sync, string health) => new()
    {
        Metadata = new DocumentMetadata { Name = "web" },
        Status = new ApplicationStatusView { Sync = sync, Health = health, Revision = "0123456789" },
    };
}
