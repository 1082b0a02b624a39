using System.Text.Json;
using System.Text.Json.Nodes;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Documents.Parsing;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Documents.Validation;

namespace GitOpsGrains.Cli.Tests;

public sealed class RepoTests
{
    private const string Url = "https://git.example.com/team/fleet.git";

    [Fact]
    public async Task Add_WithAPassword_StoresACredentialBoundToTheUrlAndARepositoryThatRefersToIt()
    {
        await using var server = await ServerAsync();
        using var run = new CommandLineRun(server.Url) { Input = "canary-pass\n" };

        Assert.Equal(0, await run.RunAsync($"repo add fleet {Url} --username bot --password-stdin"));

        Assert.Equal($"credential/fleet stored, for {Url} only\nrepository/fleet created\n", run.Out.ToString());
        Assert.DoesNotContain("canary", run.Error.ToString(), StringComparison.Ordinal);
        Assert.Equal(["POST /api/v1/apply?dryRun=true", "PUT /api/v1/credentials/fleet", "POST /api/v1/apply"], server.Requests.Select(static request => request.Line));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse($$"""{"urlPrefix": "{{Url}}", "password": "canary-pass"}"""), JsonNode.Parse(server.Requests[1].Body)));
        var document = Stored(server);
        Assert.Equal("""{"username":"bot","passwordFrom":{"stored":"fleet"}}""", document["spec"]!["credentials"]!.ToJsonString());
        Assert.DoesNotContain("canary", server.Requests[0].Body + server.Requests[2].Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--token-stdin", Url, """{"tokenFrom":{"stored":"fleet"}}""", "token")]
    [InlineData("--ssh-key-file key --known-hosts-file hosts", "git@git.example.com:team/fleet.git", """{"sshKeyFrom":{"stored":"fleet"},"knownHostsFrom":{"stored":"fleet"}}""", "knownHosts,sshKey")]
    [InlineData("--github-app-id 1 --github-installation-id 2 --github-key-file key", Url, """{"githubApp":{"appId":"1","installationId":"2","privateKeyFrom":{"stored":"fleet"}}}""", "appKey")]
    [InlineData("--client-certificate-file key --ca-file hosts", Url, """{"clientCertificateFrom":{"stored":"fleet"}}""", "ca,clientCertificate")]
    public async Task Add_WithOtherWays_SendsEachValueUnderItsName(string options, string url, string credentials, string values)
    {
        await using var server = await ServerAsync();
        using var run = new CommandLineRun(server.Url) { Input = "secret\n" };
        run.Write("key", "the key\n");
        run.Write("hosts", "the hosts\n");

        Assert.Equal(0, await run.RunAsync($"repo add fleet {url} {options}"));

        Assert.Equal(credentials, Stored(server)["spec"]!["credentials"]!.ToJsonString());
        var sent = JsonNode.Parse(server.Requests[1].Body)!.AsObject();
        Assert.Equal(values, string.Join(',', sent.Select(pair => pair.Key).Where(key => key != "urlPrefix").Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Add_WithoutCredentials_StoresNone()
    {
        await using var server = await ServerAsync();
        using var run = new CommandLineRun(server.Url);

        Assert.Equal(0, await run.RunAsync($"repo add fleet {Url}"));

        Assert.Equal("repository/fleet created\n", run.Out.ToString());
        Assert.Null(Stored(server)["spec"]!["credentials"]);
    }

    [Theory]
    [InlineData($"repo add fleet {Url} --password-stdin", "--password-stdin needs --username")]
    [InlineData($"repo add fleet {Url} --token-stdin --password-stdin --username a", "give one of")]
    [InlineData($"repo add fleet {Url} --ssh-key-file key --known-hosts-file key", "--ssh-key-file is for ssh URLs")]
    [InlineData("repo add fleet git@a:b --ssh-key-file key", "belong together")]
    [InlineData($"repo add fleet {Url} --github-app-id 1", "belong together")]
    [InlineData("repo add fleet https://u:p@git.example.com/a", "must not hold a user name or password")]
    [InlineData($"repo add Fleet {Url}", "not a name of a repository")]
    public async Task Add_Misused_IsBadUsageAndAsksNobody(string arguments, string message)
    {
        await using var server = await ServerAsync();
        using var run = new CommandLineRun(server.Url) { Input = "x" };

        Assert.Equal(2, await run.RunAsync(arguments));

        Assert.Contains(message, run.Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Add_WhenTheDocumentIsRefused_StoresNoCredential()
    {
        await using var server = await StubServer.StartAsync();
        server.OnProblem("POST /api/v1/apply?dryRun=true", new ProblemView { Status = 400, Detail = "1 fault" });
        using var run = new CommandLineRun(server.Url) { Input = "secret" };

        Assert.Equal(1, await run.RunAsync($"repo add fleet {Url} --token-stdin"));

        Assert.Single(server.Requests);
    }

    private static async Task<StubServer> ServerAsync()
    {
        var server = await StubServer.StartAsync();
        var response = new ApplyResponse { Results = [new ApplyResult { Kind = "Repository", Name = "fleet", Result = ApplyOutcome.Created }] };
        server.OnJson("POST /api/v1/apply?dryRun=true", response);
        server.OnJson("POST /api/v1/apply", response);
        server.OnJson("PUT /api/v1/credentials/fleet", new ApplyResult { Kind = "Credential", Name = "fleet" });
        return server;
    }

    /// <summary>The document that was sent, which is a good one.</summary>
    private static JsonObject Stored(StubServer server)
    {
        var body = System.Text.Encoding.UTF8.GetBytes(server.Requests[^1].Body);
        var parsed = DocumentStream.ParseAndValidate(body, DocumentLimits.Default, AdminPolicy.None);
        Assert.Empty(parsed.Faults);
        return DocumentJson.ToNode(Assert.Single(parsed.Documents));
    }
}
