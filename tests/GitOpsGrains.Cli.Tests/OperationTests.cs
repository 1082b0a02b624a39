using GitOpsGrains.Documents.Rest;
using Microsoft.AspNetCore.Http;

namespace GitOpsGrains.Cli.Tests;

public sealed class OperationTests
{
    private const string Sync = "POST /api/v1/applications/default/web:sync";
    private const string Operation = "GET /api/v1/operations/op-1?wait=20s";
    private const string Location = "/api/v1/operations/op-1";

    [Fact]
    public async Task Sync_WithoutWait_ReturnsWithTheOperation()
    {
        await using var server = await StubServer.StartAsync();
        server.OnJson(Sync, new OperationView(), 202, Location);
        using var run = new CommandLineRun(server.Url);

        Assert.Equal(0, await run.RunAsync("app sync web --revision abc --prune false"));
        Assert.Equal("application/default/web sync started: operation op-1\n", run.Out.ToString());
        Assert.Equal("""{"revision":"abc","prune":false}""", server.Requests[^1].Body);
    }

    [Fact]
    public async Task Sync_Wait_ShowsProgressAndSucceeds()
    {
        await using var server = await StubServer.StartAsync();
        server.OnJson(Sync, new OperationView(), 202, Location);
        Steps(server, OperationPhase.Running, OperationPhase.Succeeded);
        using var run = new CommandLineRun(server.Url);

        Assert.Equal(0, await run.RunAsync("app sync web --wait"));
        Assert.Equal("application/default/web sync succeeded: done\n", run.Out.ToString());
        Assert.Equal(
            "waiting for application/default/web sync\napplication/default/web sync: Running 1/2 done\napplication/default/web sync: Succeeded 1/2 done\n",
            run.Error.ToString());
    }

    [Theory]
    [InlineData(OperationPhase.Failed, "failed")]
    [InlineData(OperationPhase.Terminated, "terminated")]
    public async Task Sync_EndsBadly_IsExitCode1WithItsMessage(OperationPhase phase, string word)
    {
        await using var server = await StubServer.StartAsync();
        server.OnJson(Sync, new OperationView(), 202, Location);
        Steps(server, phase);
        using var run = new CommandLineRun(server.Url);

        Assert.Equal(1, await run.RunAsync("app sync web --wait"));
        Assert.EndsWith($"error: application/default/web sync {word}: done\n", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sync_NotDoneInTime_IsExitCode3WithWhatWasSeen()
    {
        await using var server = await StubServer.StartAsync();
        server.OnJson(Sync, new OperationView(), 202, Location);
        Steps(server, OperationPhase.Running);
        using var run = new CommandLineRun(server.Url);

        Assert.Equal(3, await run.RunAsync("app sync web --wait --timeout 200ms"));
        Assert.EndsWith("error: not done after 200ms; last seen: application/default/web sync: Running 1/2 done\n", run.Error.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, server.Requests.Count(static request => request.Line == Operation));
    }

    [Fact]
    public async Task Sync_AllOptions_AreAskedOfTheServer()
    {
        await using var server = await StubServer.StartAsync();
        server.OnJson(Sync, new OperationView(), 202, Location);
        using var run = new CommandLineRun(server.Url);

        Assert.Equal(0, await run.RunAsync(
            "app sync web --object apps/Deployment:web/shop --object Service/shop --prune true --on-error continue --override-window --force --replace --dry-run"));
        Assert.Equal(
            """{"prune":true,"dryRun":true,"objects":["apps/Deployment:web/shop","Service/shop"],"onError":"continue","overrideWindow":true,"force":true,"replace":true}""",
            server.Requests[^1].Body);
    }

    [Theory]
    [InlineData("app sync web --on-error retry")]
    [InlineData("app sync web --object")]
    [InlineData("app approve web --object")]
    public async Task Command_WithAnOptionThatIsWrong_IsExitCode2(string arguments)
    {
        using var run = new CommandLineRun("http://127.0.0.1:1");

        Assert.Equal(2, await run.RunAsync(arguments));
    }

    [Fact]
    public async Task Sync_DryRunAndWait_ListsWhatWouldBeDone()
    {
        await using var server = await StubServer.StartAsync();
        server.OnJson(Sync, new OperationView(), 202, Location);
        server.OnJson(Operation, Ended(OperationPhase.Succeeded, Item("Created", "/ConfigMap:web/a"), Item("Pruned", "/ConfigMap:web/b"), Item("Held", "/Namespace:/old", "asks for approval")));
        using var run = new CommandLineRun(server.Url);

        Assert.Equal(0, await run.RunAsync("app sync web --dry-run --wait"));
        Assert.Equal(
            """
            created /ConfigMap:web/a on eu-1
            pruned /ConfigMap:web/b on eu-1
            held /Namespace:/old on eu-1: asks for approval
            application/default/web sync succeeded: done

            """, run.Out.ToString());
    }

    [Fact]
    public async Task Sync_Succeeded_ListsOnlyWhatIsHeld()
    {
        await using var server = await StubServer.StartAsync();
        server.OnJson(Sync, new OperationView(), 202, Location);
        server.OnJson(Operation, Ended(OperationPhase.Succeeded, Item("Created", "/ConfigMap:web/a"), Item("Held", "/Namespace:/old", "asks for approval")));
        using var run = new CommandLineRun(server.Url);

        Assert.Equal(0, await run.RunAsync("app sync web --wait"));
        Assert.Equal("held /Namespace:/old on eu-1: asks for approval\napplication/default/web sync succeeded: done\n", run.Out.ToString());
    }

    [Fact]
    public async Task Sync_Failed_NamesTheObjectsThatFailed()
    {
        await using var server = await StubServer.StartAsync();
        server.OnJson(Sync, new OperationView(), 202, Location);
        server.OnJson(Operation, Ended(OperationPhase.Failed, Item("Failed", "/ConfigMap:web/a", "is \u001binvalid"), Item("Created", "/ConfigMap:web/b")));
        using var run = new CommandLineRun(server.Url);

        Assert.Equal(1, await run.RunAsync("app sync web --wait"));
        Assert.EndsWith("error: application/default/web sync failed: done\n  failed /ConfigMap:web/a on eu-1: is  invalid\n", run.Error.ToString(), StringComparison.Ordinal);
        Assert.Equal("", run.Out.ToString());
    }

    [Fact]
    public async Task Sync_BetweenAttempts_SaysWhichIsNext()
    {
        await using var server = await StubServer.StartAsync();
        server.OnJson(Sync, new OperationView(), 202, Location);
        var step = 0;
        server.On(Operation, context => context.Response.WriteAsJsonAsync(
            step++ == 0 ? Ended(OperationPhase.Running) with { Attempt = 2, Message = "retry 2 of 5 in 10 s: refused" } : Ended(OperationPhase.Succeeded), Documents.Json.DocumentJson.Rest));
        using var run = new CommandLineRun(server.Url);

        Assert.Equal(0, await run.RunAsync("app sync web --wait"));
        Assert.Contains("application/default/web sync: Running attempt 2 retry 2 of 5 in 10 s: refused\n", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Approve_Objects_AreNamedAndWhatWasHeldIsListed()
    {
        await using var server = await StubServer.StartAsync();
        server.OnJson("POST /api/v1/applications/default/web:approve", new OperationView { Id = "op-1", Objects = [Item("Held", "/Namespace:/old", "asks for approval")] }, 202, Location);
        using var run = new CommandLineRun(server.Url);

        Assert.Equal(0, await run.RunAsync("app approve web --object Namespace/old"));
        Assert.Equal("""{"objects":["Namespace/old"]}""", server.Requests[^1].Body);
        Assert.Equal("held /Namespace:/old on eu-1: asks for approval\napplication/default/web approve started: operation op-1\n", run.Out.ToString());
    }

    [Fact]
    public async Task Restore_AllOptions_AreAskedOfTheServer()
    {
        await using var server = await StubServer.StartAsync();
        server.OnJson("POST /api/v1/applications/shop/web:restore", new OperationView(), 202, Location);
        server.OnJson(Operation, Ended(OperationPhase.Succeeded, Item("Created", "/ConfigMap:web/a")));
        using var run = new CommandLineRun(server.Url);

        Assert.Equal(0, await run.RunAsync("app restore shop/web --cluster eu-1 --object ConfigMap/a --operation shop~web~01 --dry-run --wait"));
        Assert.Equal("""{"cluster":"eu-1","objects":["ConfigMap/a"],"operation":"shop~web~01","dryRun":true}""", server.Requests[0].Body);
        Assert.Equal("created /ConfigMap:web/a on eu-1\napplication/shop/web restore succeeded: done\n", run.Out.ToString());
    }

    [Fact]
    public async Task Restore_List_ShowsWhatCanComeBack()
    {
        await using var server = await StubServer.StartAsync();
        var kept = new TombstoneView
        {
            Object = "/ConfigMap:web/a", Cluster = "eu-1", DeletedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), Revision = "0123456789abcdef", Reason = "left Git", Operation = "op-9",
        };
        server.OnJson("GET /api/v1/applications/default/web/tombstones", new ListView<TombstoneView> { Items = [kept, kept with { Cluster = "us-1" }] });
        using var run = new CommandLineRun(server.Url);

        Assert.Equal(0, await run.RunAsync("app restore web --list --cluster eu-1"));
        Assert.Equal(
            """
            DELETED                CLUSTER   OBJECT             REVISION     OPERATION   REASON
            2026-01-02 03:04:05Z   eu-1      /ConfigMap:web/a   0123456789   op-9        left Git

            """, run.Out.ToString());
        Assert.Equal(0, await run.RunAsync("app restore web --list --operation other"));
        Assert.Equal("nothing can be restored\n", run.Error.ToString());
        Assert.Equal(2, await run.RunAsync("app restore web --list --dry-run"));
    }

    [Theory]
    [InlineData("suspend", "suspended")]
    [InlineData("resume", "resumed")]
    [InlineData("terminate", "terminated")]
    [InlineData("approve", "approved")]
    [InlineData("refresh", "refreshed")]
    public async Task Action_AnsweredAtOnce_SaysThatItIsDone(string verb, string done)
    {
        await using var server = await StubServer.StartAsync();
        server.OnJson($"POST /api/v1/applications/shop/web:{verb}", new OperationView());
        using var run = new CommandLineRun(server.Url);

        Assert.Equal(0, await run.RunAsync($"app {verb} shop/web"));
        Assert.Equal($"application/shop/web {done}\n", run.Out.ToString());
    }

    [Fact]
    public async Task Delete_Cascade_IsPassedOnAndWaitedFor()
    {
        await using var server = await StubServer.StartAsync();
        server.OnJson("DELETE /api/v1/applications/default/web?cascade=foreground", new OperationView(), 202, Location);
        server.On("DELETE /api/v1/clusters/eu-1", static context =>
        {
            context.Response.StatusCode = 204;
            return Task.CompletedTask;
        });
        server.OnProblem("DELETE /api/v1/projects/shop", new ProblemView { Status = 409, Detail = "2 applications are in it" });
        Steps(server, OperationPhase.Succeeded);
        using var run = new CommandLineRun(server.Url);

        Assert.Equal(0, await run.RunAsync("delete app web --cascade foreground --wait"));
        Assert.Equal("application/default/web delete succeeded: done\n", run.Out.ToString());
        Assert.Equal(0, await run.RunAsync("delete cluster eu-1"));
        Assert.Equal("cluster/eu-1 deleted\n", run.Out.ToString());
        Assert.Equal(1, await run.RunAsync("delete project shop"));
        Assert.Equal("error: 2 applications are in it\n", run.Error.ToString());
    }

    private static OperationView Ended(OperationPhase phase, params OperationObjectView[] objects) =>
        new() { Id = "op-1", Kind = "sync", Phase = phase, Message = "done", Objects = objects.Length == 0 ? null : objects };

    private static OperationObjectView Item(string action, string id, string? message = null) =>
        new() { Action = action, Object = id, Cluster = "eu-1", Message = message };

    /// <summary>One phase for each question; the last stays.</summary>
    private static void Steps(StubServer server, params OperationPhase[] phases)
    {
        var step = 0;
        server.On(Operation, context =>
        {
            var phase = phases[Math.Min(step++, phases.Length - 1)];
            var view = new OperationView { Id = "op-1", Kind = "sync", Phase = phase, Message = "done", Progress = new ProgressView { Done = 1, Total = 2 } };
            return context.Response.WriteAsJsonAsync(view, Documents.Json.DocumentJson.Rest);
        });
    }
}
