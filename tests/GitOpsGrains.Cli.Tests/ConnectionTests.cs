using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Cli.Tests;

public sealed class ConnectionTests
{
    private const string Projects = "GET /api/v1/projects?limit=500";

    [Fact]
    public async Task Run_NoServer_SaysHowToStartOne()
    {
        using var closed = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        closed.Start();
        var port = ((System.Net.IPEndPoint)closed.LocalEndpoint).Port;
        closed.Stop();
        using var run = new CommandLineRun($"http://127.0.0.1:{port}");

        Assert.Equal(1, await run.RunAsync("get projects"));
        Assert.Equal($"error: no server at http://127.0.0.1:{port}/: connection refused\nhint: start one with: dotnet run --project src/GitOpsGrains.Silo\n", run.Error.ToString());
    }

    [Fact]
    public async Task Run_401_SaysHowToSignIn()
    {
        await using var server = await StubServer.StartAsync();
        using var run = new CommandLineRun(server.Url);
        server.On(Projects, static context =>
        {
            context.Response.StatusCode = 401;
            return Task.CompletedTask;
        });

        Assert.Equal(1, await run.RunAsync("get projects"));
        Assert.StartsWith("error: no token: sign in first\nhint: gitopsctl login URL --token-file FILE", run.Error.ToString(), StringComparison.Ordinal);
        run.Variables["GITOPSGRAINS_TOKEN"] = "old";
        Assert.Equal(1, await run.RunAsync("get projects"));
        Assert.StartsWith("error: the server refuses the token\n", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_TokenSources_AreTakenInOrder()
    {
        await using var server = await StubServer.StartAsync();
        server.OnJson(Projects, new ListView<ProjectView>());
        using var run = new CommandLineRun(server.Url);

        Assert.Equal("", await TokenAsync(run, server, "get projects"));
        run.Write("data/admin-token", "local\nthe-one-before\n");
        Assert.Equal("Bearer local", await TokenAsync(run, server, "get projects"));
        run.Variables["GITOPSGRAINS_TOKEN"] = "variable";
        Assert.Equal("Bearer variable", await TokenAsync(run, server, "get projects"));
        run.Write("token", "file\n");
        Assert.Equal("Bearer file", await TokenAsync(run, server, "get projects --token-file token"));
    }

    [Fact]
    public async Task Login_GoodToken_IsKeptPrivatelyAndOnlyForItsServer()
    {
        await using var server = await StubServer.StartAsync();
        await using var other = await StubServer.StartAsync();
        foreach (var each in new[] { server, other })
        {
            each.OnJson("GET /api/v1/projects?limit=1", new ListView<ProjectView>());
            each.OnJson(Projects, new ListView<ProjectView>());
        }

        using var run = new CommandLineRun { Input = "secret\n" };
        Assert.Equal(0, await run.RunAsync($"login {server.Url}"));
        Assert.Equal($"signed in to {server.Url}/\n", run.Out.ToString());
        var file = Path.Combine(run.Home, ".config/gitopsgrains/config.json");
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal("Bearer secret", await TokenAsync(run, server, "get projects"));
        Assert.Equal("", await TokenAsync(run, other, $"get projects --server {other.Url}"));
    }

    [Fact]
    public async Task Login_RefusedToken_IsNotKept()
    {
        await using var server = await StubServer.StartAsync();
        server.OnProblem("GET /api/v1/projects?limit=1", new ProblemView { Status = 401, Title = "Unauthorized" });
        using var run = new CommandLineRun { Input = "wrong\n" };

        Assert.Equal(1, await run.RunAsync($"login {server.Url}"));
        Assert.False(Directory.Exists(Path.Combine(run.Home, ".config")));
        Assert.DoesNotContain("wrong", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(403, "application/problem+json", """{"title":"Forbidden","detail":"only admins may do this","status":403}""", "error: only admins may do this\n")]
    [InlineData(500, "text/html", "<html>", "error: URL answered 500 Internal Server Error\n")]
    [InlineData(302, "text/html", "", "error: URL sends elsewhere; give the final address with --server\n")]
    [InlineData(200, "text/html", "<html>", "error: URL answered with something that is not understood\nhint: is this the address of a GitOpsGrains server?\n")]
    [InlineData(404, "application/problem+json", "{\"detail\":\"x\\u001b[2Jy\"}", "error: x [2Jy\n")]
    public async Task Run_OtherAnswers_AreOneLine(int status, string type, string body, string expected)
    {
        await using var server = await StubServer.StartAsync();
        using var run = new CommandLineRun(server.Url);
        server.On(Projects, context =>
        {
            context.Response.StatusCode = status;
            return StubServer.WriteAsync(context, type, body);
        });

        Assert.Equal(1, await run.RunAsync("get projects"));
        Assert.Equal(expected.Replace("URL", server.Url + "/", StringComparison.Ordinal), run.Error.ToString());
    }

    private static async Task<string> TokenAsync(CommandLineRun run, StubServer server, string arguments)
    {
        Assert.Equal(0, await run.RunAsync(arguments));
        return server.Requests[^1].Authorization;
    }
}
