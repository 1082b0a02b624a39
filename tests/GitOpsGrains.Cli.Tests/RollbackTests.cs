using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Cli.Tests;

public sealed class RollbackTests
{
    private const string One = "/api/v1/applications/default/web";
    private const string Diff = "GET " + One + "/diff?revision=0123456789";

    [Fact]
    public async Task DryRun_WithDifferences_ShowsThemAndIsDone()
    {
        await using var server = await ServerAsync();
        server.OnJson(Diff, new DiffView { Targets = [new TargetDiffView { Cluster = "eu-1", Objects = [new ObjectDiffView { Kind = "Namespace", Name = "web", Change = "create" }] }] });
        using var run = new CommandLineRun(server.Url);

        Assert.Equal(0, await run.RunAsync("app rollback web --dry-run"));
        Assert.EndsWith("+ eu-1 Namespace web (create)\n", run.Out.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DryRun_DiffOfAPartFails_IsExitCode4()
    {
        await using var server = await ServerAsync();
        server.OnJson(Diff, new DiffView { Targets = [new TargetDiffView { Cluster = "us-1", Error = "unreachable" }] });
        using var run = new CommandLineRun(server.Url);

        Assert.Equal(4, await run.RunAsync("app rollback web --dry-run"));
        Assert.Contains("commit 0123456789 on main\n", run.Out.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("error: cluster us-1: unreachable\n", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DryRun_DiffIsRefused_IsExitCode4()
    {
        await using var server = await ServerAsync();
        server.OnProblem(Diff, new ProblemView { Status = 503, Detail = "no silo answers" });
        using var run = new CommandLineRun(server.Url);

        Assert.Equal(4, await run.RunAsync("app rollback web --dry-run"));
        Assert.EndsWith("error: no silo answers\n", run.Error.ToString(), StringComparison.Ordinal);
    }

    private static async Task<StubServer> ServerAsync()
    {
        var server = await StubServer.StartAsync();
        var ended = new OperationView
        {
            Id = "op-1", Kind = "rollback", Phase = OperationPhase.Succeeded, Rollback = new RollbackView { Commit = "0123456789", Branch = "main", Message = "Go back" },
        };
        server.OnJson($"POST {One}:rollback", new OperationView(), 202, "/api/v1/operations/op-1");
        server.OnJson("GET /api/v1/operations/op-1?wait=20s", ended);
        server.OnJson("GET /api/v1/operations/op-1", ended);
        return server;
    }
}
