using GitOpsGrains.Documents.Parsing;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Cli.Tests;

public sealed class ApplyTests
{
    private const string Project = "apiVersion: gitopsgrains.io/v1\nkind: Project\nmetadata: {name: %}\n";

    [Fact]
    public async Task Apply_Directory_SendsAllFilesAsOneStream()
    {
        await using var server = await StubServer.StartAsync();
        server.OnJson("POST /api/v1/apply", new ApplyResponse { Results = [new ApplyResult { Kind = "Project", Name = "a", Result = ApplyOutcome.Created }, new ApplyResult { Kind = "Application", Name = "default/web", Result = ApplyOutcome.Unchanged }] });
        using var run = new CommandLineRun(server.Url);
        run.Write("in/b.yml", "\uFEFF" + Named("b"));
        run.Write("in/a.yaml", Named("a"));
        run.Write("in/c.json", """{"apiVersion":"gitopsgrains.io/v1","kind":"Project","metadata":{"name":"c"}}""");
        run.Write("in/readme.md", "no");
        run.Write("in/below/d.yaml", Named("d"));

        Assert.Equal(0, await run.RunAsync("apply -f in"));
        Assert.Equal("project/a created\napplication/default/web unchanged\n", run.Out.ToString());
        var sent = DocumentStream.Parse(System.Text.Encoding.UTF8.GetBytes(server.Requests[^1].Body), DocumentLimits.Default);
        Assert.Empty(sent.Faults);
        Assert.Equal(["a", "b", "c"], sent.Documents.Select(static document => document.Metadata.Name));
        Assert.Equal(0, await run.RunAsync("apply -R -f in"));
        Assert.Contains("name: d", server.Requests[^1].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_DryRunFromStandardInput_AsksForADryRun()
    {
        await using var server = await StubServer.StartAsync();
        server.OnJson("POST /api/v1/apply?dryRun=true", new ApplyResponse { DryRun = true, Results = [new ApplyResult { Kind = "Project", Name = "a", Result = ApplyOutcome.Configured }] });
        using var run = new CommandLineRun(server.Url) { Input = Named("a") };

        Assert.Equal(0, await run.RunAsync("apply --dry-run -f -"));
        Assert.Equal("project/a configured (dry run)\n", run.Out.ToString());
    }

    [Fact]
    public async Task Apply_Faults_AreToldWithFileAndLineInIt()
    {
        await using var server = await StubServer.StartAsync();
        server.On("POST /api/v1/apply", async context =>
        {
            var body = System.Text.Encoding.UTF8.GetBytes(server.Requests[^1].Body);
            var faults = DocumentStream.Parse(body, DocumentLimits.Default).Faults;
            context.Response.StatusCode = 422;
            await StubServer.WriteAsync(context, ProblemView.MediaType, System.Text.Json.JsonSerializer.Serialize(new ProblemView { Status = 422, Detail = "2 faults", Faults = faults }, Documents.Json.DocumentJson.Rest));
        });
        using var run = new CommandLineRun(server.Url);
        run.Write("a.yaml", Named("a") + "---\n" + Named("b"));
        run.Write("b.yaml", Named("c") + "---\n" + Named("d") + "spce: {}\n");
        run.Write("c.yaml", "kind: Project\n");

        Assert.Equal(1, await run.RunAsync("apply -f a.yaml -f b.yaml -f c.yaml"));
        Assert.Equal(
            """
            error: nothing was applied: 2 faults
              b.yaml: document 1 (Project d), line 8: spce: unknown field; did you mean spec?
              c.yaml: document 0 (Project), line 1: apiVersion: expected gitopsgrains.io/v1, got nothing

            """,
            run.Error.ToString());
        Assert.Equal("", run.Out.ToString());
    }

    [Fact]
    public async Task Apply_MissingFile_IsExitCode1()
    {
        using var run = new CommandLineRun();
        Assert.Equal(1, await run.RunAsync("apply -f none.yaml"));
        Assert.EndsWith("none.yaml can't be read: no such file\n", run.Error.ToString(), StringComparison.Ordinal);
    }

    private static string Named(string name) => Project.Replace("%", name, StringComparison.Ordinal);
}
