using System.Text.Json;
using GitOpsGrains.Documents.Rest;
using Microsoft.AspNetCore.Http;

namespace GitOpsGrains.Cli.Tests;

/// <summary><c>app manifests</c>, <c>app events</c> and <c>app logs</c>.</summary>
public sealed class LookTests
{
    private const string One = "GET /api/v1/applications/default/web";

    [Fact]
    public async Task Manifests_AsYaml_AreWhatTheServerSends()
    {
        await using var server = await StubServer.StartAsync();
        using var run = new CommandLineRun(server.Url);
        var accept = "";
        server.On(One + "/manifests?cluster=eu-1&revision=0123456", context =>
        {
            accept = context.Request.Headers.Accept.ToString();
            return StubServer.WriteAsync(context, "application/yaml", "# head\n---\nkind: ConfigMap\n");
        });

        Assert.Equal(0, await run.RunAsync("app manifests web --cluster eu-1 --revision 0123456"));
        Assert.Equal(("# head\n---\nkind: ConfigMap\n", "", "application/yaml"), (run.Out.ToString(), run.Error.ToString(), accept));
    }

    [Fact]
    public async Task Manifests_ThatBreakOff_AreAnError()
    {
        await using var server = await StubServer.StartAsync();
        using var run = new CommandLineRun(server.Url);
        server.On(One + "/manifests", async context =>
        {
            // Less than it promises: the connection ends before the answer does.
            context.Response.ContentLength = 1000;
            await StubServer.WriteAsync(context, "application/yaml", "# head\n");
            await context.Response.Body.FlushAsync();
        });

        Assert.Equal(1, await run.RunAsync("app manifests web"));
        Assert.StartsWith("error: the answer of ", run.Error.ToString(), StringComparison.Ordinal);
        Assert.EndsWith(" broke off; what was shown is not all\n", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Manifests_OfAServerThatSendsNoYaml_AreNotUnderstood()
    {
        await using var server = await StubServer.StartAsync();
        using var run = new CommandLineRun(server.Url);
        server.On(One + "/manifests", context => StubServer.WriteAsync(context, "text/html", "<html>"));

        Assert.Equal(1, await run.RunAsync("app manifests web"));
        Assert.Equal("", run.Out.ToString());
        Assert.Contains("answered with something that is not understood", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Manifests_AsJsonOrNames_AreOfAllPages()
    {
        await using var server = await StubServer.StartAsync();
        using var run = new CommandLineRun(server.Url);
        server.OnJson(One + "/manifests?limit=500", new ManifestsView { Cluster = "eu-1", Revision = "c1", Items = [new ManifestView { Object = "/ConfigMap:/a", Manifest = JsonElement.Parse("""{"a":1}""") }], Continue = "1-x", Total = 2, Note = "render failed" });
        server.OnJson(One + "/manifests?limit=500&continue=1-x", new ManifestsView { Cluster = "eu-1", Revision = "c1", Items = [new ManifestView { Object = "/ConfigMap:/\u001b[31mb" }], Total = 2 });

        Assert.Equal(0, await run.RunAsync("app manifests web -o name"));
        Assert.Equal(("/ConfigMap:/a\n/ConfigMap:/ [31mb\n", "note: render failed\n"), (run.Out.ToString(), run.Error.ToString()));
        Assert.Equal(0, await run.RunAsync("app manifests web -o json"));
        var all = JsonElement.Parse(run.Out.ToString());
        Assert.Equal((2, 1), (all.GetProperty("items").GetArrayLength(), all.GetProperty("items")[0].GetProperty("manifest").GetProperty("a").GetInt32()));
        Assert.False(all.TryGetProperty("continue", out var next) && next.ValueKind != JsonValueKind.Null);
    }

    [Fact]
    public async Task Events_AreATable_WithWhatIsMissing()
    {
        await using var server = await StubServer.StartAsync();
        using var run = new CommandLineRun(server.Url);
        var last = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        server.OnJson(One + "/events?cluster=eu-1&object=Pod%2Fweb-1&limit=1", new EventsView
        {
            Cluster = "eu-1",
            Items = [new EventView { Object = "/Pod:web/web-1", Owner = "apps/Deployment:web/web", Type = "Warning", Reason = "BackOff", Message = "back-off\u001b[2J", Count = 7, Last = last }],
            Continue = "x",
            Total = 9,
            Notes = ["pods may not be listed"],
        });

        Assert.Equal(0, await run.RunAsync("app events web --cluster eu-1 --object Pod/web-1 --limit 1"));
        Assert.Equal(
            "LAST                   TYPE      REASON    OBJECT           COUNT   MESSAGE\n2026-01-02 03:04:05Z   Warning   BackOff   /Pod:web/web-1   7       back-off [2J\n",
            run.Out.ToString());
        Assert.Equal("note: 8 older events are not shown; --limit shows up to 500\nnote: pods may not be listed\n", run.Error.ToString());
    }

    [Fact]
    public async Task Events_OfNothing_SaySo()
    {
        await using var server = await StubServer.StartAsync();
        using var run = new CommandLineRun(server.Url);
        server.OnJson(One + "/events?limit=100", new EventsView { Cluster = "eu-1" });

        Assert.Equal(0, await run.RunAsync("app events web"));
        Assert.Equal(("", "no events on cluster eu-1\n"), (run.Out.ToString(), run.Error.ToString()));
        Assert.Equal(0, await run.RunAsync("app events web -o json"));
        Assert.Equal("eu-1", JsonElement.Parse(run.Out.ToString()).GetProperty("cluster").GetString());
    }

    [Theory]
    [InlineData("web-1", "Pod%2Fweb-1")]
    [InlineData("shop/web-1", "%2FPod%3Ashop%2Fweb-1")]
    public async Task Logs_OfAPod_AreItsLinesWithoutControlCharacters(string pod, string asked)
    {
        await using var server = await StubServer.StartAsync();
        using var run = new CommandLineRun(server.Url);
        server.OnJson(One + $"/logs?object={asked}&container=main&tail=2", new LogsView { Cluster = "eu-1", Text = "one\r\n\u001b[31mtwo\n", Cut = true });

        Assert.Equal(0, await run.RunAsync($"app logs web {pod} -c main --tail 2"));
        Assert.Equal(("one\n [31mtwo\n", "note: the newest lines are missing, as the log is too long; ask for fewer with --tail\n"), (run.Out.ToString(), run.Error.ToString()));
    }

    [Fact]
    public async Task Logs_ThatAreRefused_AreOneSentence()
    {
        await using var server = await StubServer.StartAsync();
        using var run = new CommandLineRun(server.Url);
        server.OnProblem(One + "/logs?object=Pod%2Fweb-1&tail=200", new ProblemView { Status = 404, Detail = "Pod/web-1 is no pod of default/web on cluster eu-1" });

        Assert.Equal(1, await run.RunAsync("app logs web web-1"));
        Assert.Equal(("", "error: Pod/web-1 is no pod of default/web on cluster eu-1\n"), (run.Out.ToString(), run.Error.ToString()));
    }
}
