using GitOpsGrains.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace GitOpsGrains.Cli.Tests;

public sealed class WatchTests
{
    private const string Watch = "GET /api/v1/watch";

    [Fact]
    public async Task Watch_BrokenStreams_GoOnFromTheLastEventAndStartAnewAfter410()
    {
        await using var server = await StubServer.StartAsync();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var connections = 0;
        server.On(Watch, async context =>
        {
            var number = ++connections;
            if (number == 2)
            {
                context.Response.StatusCode = 410;
                return;
            }

            context.Response.ContentType = "text/event-stream";
            // A bookmark is no change: nothing is printed of it.
            await context.Response.WriteAsync($"event: bookmark\nid: {number}0\ndata: {{\"sequence\":\"{number}0\"}}\n\n");
            await context.Response.WriteAsync($"id: {number}0\ndata: {{\"kind\":\"Target\",\"project\":\"default\",\"name\":\"web\",\"cluster\":\"eu-{number}\",\"sync\":\"Synced\",\"time\":\"2026-01-02T03:04:05Z\"}}\n\n");
            if (number < 3) return;
            await context.Response.Body.FlushAsync();
            await stop.CancelAsync();
        });
        using var run = new CommandLineRun(server.Url);

        Assert.Equal(0, await run.RunAsync("watch", stop.Token));
        Assert.StartsWith("2026-01-02 03:04:05Z  target/default/web  eu-1  Synced\n", run.Out.ToString(), StringComparison.Ordinal);
        Assert.Equal("note: some changes were missed; going on with new ones\n", run.Error.ToString());
        Assert.Equal(["", "10", ""], server.Requests.Select(static request => request.LastEventId));
    }

    [Theory]
    [InlineData("")]
    [InlineData("data: {\n\n")]
    [InlineData(null)]
    public async Task Watch_StreamEndsAfterABookmark_GoesOnFromIt(string? end)
    {
        await using var server = await StubServer.StartAsync();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        OnFirst(server, stop, async context =>
        {
            // Less than it promises: the connection breaks before the answer ends.
            if (end is null) context.Response.ContentLength = 1000;
            await context.Response.WriteAsync($"event: bookmark\nid: 7\ndata: {{\"sequence\":\"7\"}}\n\n{end}");
            await context.Response.Body.FlushAsync();
        });
        using var run = new CommandLineRun(server.Url) { Time = new HastyTime() };

        Assert.Equal(0, await run.RunAsync("watch", stop.Token));
        Assert.Equal(["", "7"], server.Requests.Select(static request => request.LastEventId));
        Assert.Equal("", run.Out.ToString());
    }

    [Fact]
    public async Task Watch_StreamFallsSilent_ConnectsAgain()
    {
        await using var server = await StubServer.StartAsync();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var time = new FakeTimeProvider();
        var opened = new TaskCompletionSource();
        OnFirst(server, stop, async context =>
        {
            await context.Response.WriteAsync("event: bookmark\nid: 7\ndata: {\"sequence\":\"7\"}\n\n");
            await context.Response.Body.FlushAsync();
            opened.TrySetResult();
            await StubServer.UntilLeftAsync(context);
        });
        using var run = new CommandLineRun(server.Url) { Time = time };

        var ended = run.RunAsync("watch", stop.Token);
        await opened.Task;
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromMilliseconds(500));
                return ended.IsCompleted;
            },
            "the end of the watch");

        Assert.Equal(0, await ended);
        Assert.Equal("7", server.Requests[^1].LastEventId);
    }

    [Theory]
    [InlineData("", "application/default/web application/shop/web target/shop/web application/shop/cart cluster/web")]
    [InlineData("--project shop", "application/shop/web target/shop/web application/shop/cart")]
    [InlineData("--application web", "application/default/web")]
    [InlineData("--application shop/web", "application/shop/web target/shop/web")]
    [InlineData("--project shop --application web", "application/shop/web target/shop/web")]
    public async Task Watch_OfSomething_ShowsOnlyThatAndGoesOnBehindAll(string options, string shown)
    {
        await using var server = await StubServer.StartAsync();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        OnFirst(server, stop, async context =>
        {
            var changes = new[] { ("Application", "default", "web"), ("Application", "shop", "web"), ("Target", "shop", "web"), ("Application", "shop", "cart"), ("Cluster", "", "web") };
            foreach (var (number, (kind, project, name)) in changes.Index())
                await context.Response.WriteAsync($"id: {number}\ndata: {{\"kind\":\"{kind}\",\"project\":\"{project}\",\"name\":\"{name}\"}}\n\n");
        });
        using var run = new CommandLineRun(server.Url) { Time = new HastyTime() };

        Assert.Equal(0, await run.RunAsync($"watch {options}", stop.Token));
        Assert.Equal(shown.Split(' '), run.Out.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.Split("  ")[1]));
        Assert.Equal(["", "4"], server.Requests.Select(static request => request.LastEventId));
    }

    /// <summary>Answers the first connection, and stops the command when it goes on with another.</summary>
    private static void OnFirst(StubServer server, CancellationTokenSource stop, Func<HttpContext, Task> answer) => server.On(Watch, async context =>
    {
        context.Response.ContentType = "text/event-stream";
        await (context.Request.Headers["Last-Event-ID"].Count > 0 ? stop.CancelAsync() : answer(context));
    });
}
