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
        Assert.Equal(["GET /api/v1/repositories/fleet", "GET /api/v1/credentials/fleet", "POST /api/v1/apply?dryRun=true", "PUT /api/v1/credentials/fleet", "POST /api/v1/apply"], server.Requests.Select(static request => request.Line));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse($$"""{"urlPrefix": "{{Url}}", "password": "canary-pass"}"""), JsonNode.Parse(Credential(server).Body)));
        var document = Stored(server);
        Assert.Equal("""{"username":"bot","passwordFrom":{"stored":"fleet"}}""", document["spec"]!["credentials"]!.ToJsonString());
        Assert.DoesNotContain("canary", server.Requests[2].Body + server.Requests[4].Body, StringComparison.Ordinal);
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
        var sent = JsonNode.Parse(Credential(server).Body)!.AsObject();
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

        Assert.Equal("POST /api/v1/apply?dryRun=true", server.Requests[^1].Line);
    }

    [Fact]
    public async Task Add_RepositoryThatExists_ChangesOnlyUrlCredentialsAndCa()
    {
        await using var server = await ServerAsync();
        server.OnJson("GET /api/v1/repositories/fleet", Present());
        using var run = new CommandLineRun(server.Url) { Input = "secret\n" };
        run.Write("ca", "the authority\n");

        Assert.Equal(0, await run.RunAsync($"repo add fleet {Url} --username bot --password-stdin --ca-file ca"));

        var (before, after) = (Present(), Sent(server));
        before["spec"]!["url"] = Url;
        before["spec"]!["credentials"] = JsonNode.Parse("""{"username": "bot", "passwordFrom": {"stored": "fleet"}}""");
        before["spec"]!["caFrom"] = JsonNode.Parse("""{"stored": "fleet"}""");
        before.Remove("status");
        Assert.True(JsonNode.DeepEquals(before, after), after.ToJsonString());
    }

    [Fact]
    public async Task Add_RepositoryThatExistsWithoutCredentials_KeepsItsOwn()
    {
        await using var server = await ServerAsync();
        server.OnJson("GET /api/v1/repositories/fleet", Present());
        using var run = new CommandLineRun(server.Url);

        Assert.Equal(0, await run.RunAsync($"repo add fleet {Url}"));

        var (before, after) = (Present(), Sent(server));
        before["spec"]!["url"] = Url;
        before.Remove("status");
        Assert.True(JsonNode.DeepEquals(before, after), after.ToJsonString());
    }

    [Theory]
    [InlineData("webhook")]
    [InlineData("webhook, signingKey")]
    public async Task Add_CredentialWithOtherValues_IsRefusedAndChangesNothing(string others)
    {
        await using var server = await ServerAsync();
        server.OnJson("GET /api/v1/credentials/fleet", new CredentialView { Name = "fleet", UrlPrefix = Url, Values = ["token", .. others.Split(", ")] });
        using var run = new CommandLineRun(server.Url) { Input = "secret\n" };

        Assert.Equal(1, await run.RunAsync($"repo add fleet {Url} --token-stdin"));

        Assert.Equal(
            $"error: the stored credential fleet has values that would be lost: {others}\nhint: PUT /api/v1/credentials/fleet takes all values at once; DELETE /api/v1/credentials/fleet before, if the others are not needed\n",
            run.Error.ToString());
        Assert.All(server.Requests, static request => Assert.StartsWith("GET ", request.Line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Add_CredentialWithTheSameValues_IsReplaced()
    {
        await using var server = await ServerAsync();
        server.OnJson("GET /api/v1/credentials/fleet", new CredentialView { Name = "fleet", UrlPrefix = Url, Values = ["token"] });
        using var run = new CommandLineRun(server.Url) { Input = "secret\n" };

        Assert.Equal(0, await run.RunAsync($"repo add fleet {Url} --token-stdin"));

        Assert.Equal("secret", JsonNode.Parse(Credential(server).Body)!["token"]!.GetValue<string>());
    }

    [Fact]
    public async Task Add_RepositoryThatCanNotBeRead_ChangesNothing()
    {
        await using var server = await ServerAsync();
        server.OnProblem("GET /api/v1/repositories/fleet", new ProblemView { Status = 503, Detail = "no silo answers" });
        using var run = new CommandLineRun(server.Url) { Input = "secret\n" };

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

    private static RecordedRequest Credential(StubServer server) => server.Requests.Single(static request => request.Line.StartsWith("PUT ", StringComparison.Ordinal));

    /// <summary>The last document, as it was sent.</summary>
    private static JsonObject Sent(StubServer server) => JsonNode.Parse(server.Requests[^1].Body)!.AsObject();

    /// <summary>As the server shows a Repository, one member of which only a later server knows.</summary>
    private static JsonObject Present() => JsonNode.Parse(
        """
        {
          "apiVersion": "gitopsgrains.io/v1", "kind": "Repository",
          "metadata": {"name": "fleet", "labels": {"team": "a"}, "annotations": {}},
          "spec": {
            "url": "https://git.example.com/old.git", "poll": {"interval": "2m"}, "shallow": true, "later": {"a": 1},
            "credentials": {"tokenFrom": {"stored": "other"}}, "caFrom": {"file": "/etc/ca.pem"},
            "rendering": {"remoteBases": true, "chartDependencies": false},
            "submodules": {"fetch": true, "urlPrefixes": ["https://git.example.com/libs"]},
            "webhook": {"secretFrom": {"stored": "hooks"}},
            "verification": {"mode": "head", "keys": [{"ssh": "ssh-ed25519 AAAA bot"}]}
          },
          "status": {"state": "Ready", "message": "", "applications": 3}
        }
        """)!.AsObject();

    /// <summary>The document that was sent, which is a good one.</summary>
    private static JsonObject Stored(StubServer server)
    {
        var body = System.Text.Encoding.UTF8.GetBytes(server.Requests[^1].Body);
        var parsed = DocumentStream.ParseAndValidate(body, DocumentLimits.Default, AdminPolicy.None);
        Assert.Empty(parsed.Faults);
        return DocumentJson.ToNode(Assert.Single(parsed.Documents));
    }
}
