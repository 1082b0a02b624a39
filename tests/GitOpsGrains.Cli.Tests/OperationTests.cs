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
