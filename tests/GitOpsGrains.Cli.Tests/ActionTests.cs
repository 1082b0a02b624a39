using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Cli.Tests;

public sealed class ActionTests
{
    private const string Actions = "GET /api/v1/applications/default/web/actions?cluster=eu-1&object=apps%2FDeployment%3Aweb%2Fweb";

    [Fact]
    public async Task Actions_OfAnObject_AreListed()
    {
        await using var server = await StubServer.StartAsync();
        server.OnJson(Actions, new ListView<ActionView> { Items = [new ActionView { Name = "restart", DisplayName = "Restart" }, new ActionView { Name = "pause", DisplayName = "pause", Disabled = true }] });
        using var run = new CommandLineRun(server.Url);

        Assert.Equal(0, await run.RunAsync("app actions web --cluster eu-1 --object apps/Deployment:web/web"));
        Assert.Equal(["NAME", "TITLE", "STATE", "restart", "Restart", "ready", "pause", "pause", "disabled"], run.Out.ToString().Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Action_SendsClusterObjectAndName()
    {
        await using var server = await StubServer.StartAsync();
        server.OnJson("POST /api/v1/applications/default/web:action", new OperationView(), 202, "/api/v1/operations/op-1");
        using var run = new CommandLineRun(server.Url);

        Assert.Equal(0, await run.RunAsync("app action web restart --cluster eu-1 --object apps/Deployment:web/web"));
        Assert.Equal("application/default/web action started: operation op-1\n", run.Out.ToString());
        Assert.Equal("""{"cluster":"eu-1","object":"apps/Deployment:web/web","action":"restart"}""", server.Requests[^1].Body);
    }

    [Fact]
    public async Task Action_WithoutAnObject_IsBadUsage()
    {
        using var run = new CommandLineRun("http://127.0.0.1:1");

        Assert.Equal(2, await run.RunAsync("app action web restart --cluster eu-1"));
    }
}
