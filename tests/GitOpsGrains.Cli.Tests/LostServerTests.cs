using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace GitOpsGrains.Cli.Tests;

/// <summary>Waits while gateways and silos change.</summary>
public sealed class LostServerTests
{
    private const string Sync = "POST /api/v1/applications/default/web:sync";
    private const string Operation = "GET /api/v1/operations/op-1?wait=20s";
    private const string One = "GET /api/v1/applications/default/web";

    [Theory]
    [InlineData(503, "no silo answers; trying again\n")]
    [InlineData(429, "too much at once; trying again\n")]
    [InlineData(0, " broke off; trying again\n")]
    [InlineData(-1, "did not answer within 1m; trying again\n")]
    public async Task Sync_WaitAndTheServerIsLost_GoesOnWhenItIsBack(int loss, string told)
    {
        await using var server = await StubServer.StartAsync();
        var time = new FakeTimeProvider();
        server.OnJson(Sync, new OperationView(), 202, "/api/v1/operations/op-1");
        Answers(server, Operation, Running(), loss, Succeeded());
        using var run = new CommandLineRun(server.Url) { Time = time };

        var ended = run.RunAsync("app sync web --wait --timeout 24h");
        await Eventually.TrueAsync(() => server.Requests.Count > 1, "the first question");
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return ended.IsCompleted;
            },
            "the end of the wait");

        Assert.Equal(0, await ended);
        Assert.Equal("application/default/web sync succeeded: done\n", run.Out.ToString());
        Assert.Contains(told, run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sync_WaitAndNoConnectionHolds_GoesOnWhenOneDoes()
    {
        await using var server = await StubServer.StartAsync();
        server.OnJson(Sync, new OperationView(), 202, "/api/v1/operations/op-1");
        // More than HTTP tries by itself.
        Answers(server, Operation, [Running(), .. Enumerable.Repeat<object>(-2, 12), Succeeded()]);
        using var run = new CommandLineRun(server.Url) { Time = new HastyTime() };

        Assert.Equal(0, await run.RunAsync("app sync web --wait"));
        Assert.Contains($"no server at {server.Url}/: ", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sync_WaitAndTheServerStaysAway_AsksLessAndLessOften()
    {
        await using var server = await StubServer.StartAsync();
        var time = new HastyTime();
        server.OnJson(Sync, new OperationView(), 202, "/api/v1/operations/op-1");
        Answers(server, Operation, 503, 503, 503, 503, 503, Running(), 503, Succeeded());
        using var run = new CommandLineRun(server.Url) { Time = time };

        Assert.Equal(0, await run.RunAsync("app sync web --wait"));

        // Those of whole seconds: a question that was answered at once is followed by what is left of one.
        Assert.Equal([1, 2, 4, 5, 5, 1], time.Pauses.Where(static pause => pause.Ticks % TimeSpan.TicksPerSecond == 0).Select(static pause => (int)pause.TotalSeconds));
    }

    [Fact]
    public async Task Sync_WaitAndTheServerIsLostForGood_IsExitCode3WithWhy()
    {
        await using var server = await StubServer.StartAsync();
        var time = new FakeTimeProvider();
        server.OnJson(Sync, new OperationView(), 202, "/api/v1/operations/op-1");
        Answers(server, Operation, Running(), 503);
        using var run = new CommandLineRun(server.Url) { Time = time };

        var ended = run.RunAsync("app sync web --wait --timeout 1h");
        await Eventually.TrueAsync(
            () =>
            {
                if (server.Requests.Count > 1) time.Advance(TimeSpan.FromSeconds(1));
                return server.Requests.Count > 4;
            },
            "questions after the loss");
        time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(3, await ended);
        Assert.Contains("error: not done after 1h; last seen: ", run.Error.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("; trying again\n", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401, "error: no token: sign in first\n")]
    [InlineData(404, "error: gone\n")]
    public async Task Sync_WaitAndARefusal_FailsAtOnce(int status, string told)
    {
        await using var server = await StubServer.StartAsync();
        server.OnJson(Sync, new OperationView(), 202, "/api/v1/operations/op-1");
        Answers(server, Operation, Running(), status, Succeeded());
        using var run = new CommandLineRun(server.Url) { Time = new HastyTime() };

        Assert.Equal(1, await run.RunAsync("app sync web --wait"));
        Assert.Contains(told, run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AppWait_ServerIsLostAfterAnAnswer_GoesOnWhenItIsBack()
    {
        await using var server = await StubServer.StartAsync();
        Answers(server, One, Status("OutOfSync"), 503, 0, 429, Status("Synced"));
        using var run = new CommandLineRun(server.Url) { Time = new HastyTime() };

        Assert.Equal(0, await run.RunAsync("app wait web"));
        Assert.Equal("application/default/web Synced Healthy\n", run.Out.ToString());
        Assert.Contains("no silo answers; trying again\n", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AppWait_WatchIsRefusedAfterAnAnswer_OpensItAgain()
    {
        await using var server = await StubServer.StartAsync();
        var opened = 0;
        server.On("GET /api/v1/watch", async context =>
        {
            if (++opened == 2)
            {
                context.Response.StatusCode = 503;
                return;
            }

            context.Response.ContentType = "text/event-stream";
            await context.Response.Body.FlushAsync();
        });
        Answers(server, One, Status("OutOfSync"), Status("Synced"));
        using var run = new CommandLineRun(server.Url) { Time = new HastyTime() };

        Assert.Equal(0, await run.RunAsync("app wait web"));
        Assert.Equal(3, opened);
    }

    [Fact]
    public async Task AppWait_FirstQuestionFails_FailsAtOnce()
    {
        await using var server = await StubServer.StartAsync();
        server.OnProblem("GET /api/v1/watch", new ProblemView { Status = 503, Detail = "no silo answers" });
        using var run = new CommandLineRun(server.Url);

        Assert.Equal(1, await run.RunAsync("app wait web"));
        Assert.EndsWith("error: no silo answers\n", run.Error.ToString(), StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    private static OperationView Running() => new() { Id = "op-1", Kind = "sync", Phase = OperationPhase.Running };

    private static OperationView Succeeded() => new() { Id = "op-1", Kind = "sync", Phase = OperationPhase.Succeeded, Message = "done" };

    private static ApplicationView Status(string sync) => new()
    {
        Metadata = new DocumentMetadata { Name = "web" },
        Status = new ApplicationStatusView { Sync = sync, Health = "Healthy" },
    };

    /// <summary>One for each question, the last stays: a view; a status; 0 for an answer that breaks off, -1 for silence, -2 for a connection that breaks.</summary>
    private static void Answers(StubServer server, string request, params object[] answers)
    {
        var step = -1;
        server.On(request, async context =>
        {
            switch (answers[Math.Min(Interlocked.Increment(ref step), answers.Length - 1)])
            {
                case 0:
                    context.Response.ContentLength = 1000;
                    await StubServer.WriteAsync(context, "application/json", "{");
                    await context.Response.Body.FlushAsync();
                    break;
                case -2:
                    context.Abort();
                    break;
                case -1:
                    await StubServer.UntilLeftAsync(context);
                    break;
                case int status:
                    context.Response.StatusCode = status;
                    var detail = status switch { 503 => "no silo answers", 429 => "too much at once", _ => "gone" };
                    await context.Response.WriteAsJsonAsync(new ProblemView { Status = status, Detail = detail }, DocumentJson.Rest, ProblemView.MediaType);
                    break;
                case var view:
                    await context.Response.WriteAsJsonAsync(view, view.GetType(), DocumentJson.Rest);
                    break;
            }
        });
    }
}
