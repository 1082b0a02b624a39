using System.Net;
using System.Text;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;

namespace GitOpsGrains.Gateway.Tests;

/// <summary>Stored credentials and templates on a running host: kept, used where they are bound to, shown nowhere.</summary>
public sealed class CredentialTests(HostFixture fixture)
{
    private const string Json = "application/json";
    private const string Canary = "canary-5d0c-secret";

    private FleetRest Rest => fixture.Rest;

    [Fact]
    public async Task Credential_IsStoredListedAndDeleted_AndNeverRead()
    {
        var name = HostFixture.NewName();
        var body = $$"""{"urlPrefix": "https://example.com/team", "password": "{{Canary}}", "sshKey": "{{Canary}}"}""";

        Assert.Equal(ApplyOutcome.Created, (await Rest.SendAsync<ApplyResult>(HttpMethod.Put, $"credentials/{name}", body, Json)).Result);
        Assert.Equal(ApplyOutcome.Unchanged, (await Rest.SendAsync<ApplyResult>(HttpMethod.Put, $"credentials/{name}", body, Json)).Result);
        Assert.Equal(ApplyOutcome.Configured, (await Rest.SendAsync<ApplyResult>(HttpMethod.Put, $"credentials/{name}", body.Replace("0c", "0d", StringComparison.Ordinal), Json)).Result);

        var one = await Rest.TrySendAsync(HttpMethod.Get, $"credentials/{name}");
        Assert.Equal($$"""{"name":"{{name}}","urlPrefix":"https://example.com/team","values":["password","sshKey"]}""", one.Body);
        Assert.Contains(one.Body, (await Rest.TrySendAsync(HttpMethod.Get, "credentials")).Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await Rest.TrySendAsync(HttpMethod.Delete, $"credentials/{name}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Rest.TrySendAsync(HttpMethod.Get, $"credentials/{name}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Rest.TrySendAsync(HttpMethod.Delete, $"credentials/{name}")).Status);
    }

    [Theory]
    [InlineData("{}", "urlPrefix: required")]
    [InlineData("""{"urlPrefix": "https://u:canary@example.com", "password": "x"}""", "urlPrefix: must not hold a user name or password; use credentials")]
    [InlineData("""{"urlPrefix": "https://example.com/a/../b", "password": "x"}""", "urlPrefix: the path holds an empty part, '.' or '..', or such as an escape")]
    [InlineData("""{"urlPrefix": "https://example.com"}""", "a credential has at least one value")]
    [InlineData("""{"urlPrefix": "https://example.com", "password": " "}""", "password: empty")]
    [InlineData("""{"urlPrefix": "https://example.com", "canary": "x"}""", "the body is no credential: $.canary")]
    [InlineData("""{"urlPrefix": "https://example.com", "password": canary}""", "the body is no credential: $.password")]
    public async Task Credential_ThatIsNone_Is400(string body, string detail)
    {
        var answer = await Rest.TrySendAsync(HttpMethod.Put, $"credentials/{HostFixture.NewName()}", body, Json);
        Assert.Equal((HttpStatusCode.BadRequest, detail), (answer.Status, answer.Problem!.Detail));
    }

    [Fact]
    public async Task Credential_WithoutAToken_Is401()
    {
        using var nobody = new FleetRest(fixture.Host.Url, null);
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Put, HttpMethod.Delete })
            Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.TrySendAsync(method, "credentials/a", "{}", Json)).Status);
    }

    [Fact]
    public async Task Repository_WithAStoredPassword_IsRead_AndTheSecretShowsNowhere()
    {
        using var log = new LogLines();
        await using var host = await InProcessHost.StartAsync(log: log);
        await using var server = await GitServer.StartAsync();
        var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"bot:{Canary}"));
        server.Allows = request => request.Headers.Authorization == $"Basic {basic}";
        var work = await server.CreateRepositoryAsync("fleet");
        await work.PublishAsync("a.yaml", "a: 1\n");
        await host.Rest.SendAsync<ApplyResult>(HttpMethod.Put, "credentials/fleet", $$"""{"urlPrefix": "{{server.Url}}/fleet.git", "password": "{{Canary}}"}""", Json);
        await host.Rest.ApplyAsync(Repository("fleet", work.Url, "{username: bot, passwordFrom: {stored: fleet}}"));
        await StateAsync(host.Rest, "fleet", "Ready");

        // Refused, and missing: the conditions name the reference.
        await host.Rest.SendAsync<ApplyResult>(HttpMethod.Put, "credentials/fleet", $$"""{"urlPrefix": "{{server.Url}}/fleet.git", "password": "{{Canary}}-wrong"}""", Json);
        await host.Rest.ApplyAsync(Repository("fleet", work.Url, "{username: bot, passwordFrom: {stored: fleet}}", interval: "10s"));
        Assert.Equal("the server refuses the credentials (401)", await StateAsync(host.Rest, "fleet", "RepositoryAccessDenied"));
        await host.Rest.TrySendAsync(HttpMethod.Delete, "credentials/fleet");
        await host.Rest.ApplyAsync(Repository("fleet", work.Url, "{username: bot, passwordFrom: {stored: fleet}}", interval: "11s"));
        Assert.Equal("there is no stored credential fleet", await StateAsync(host.Rest, "fleet", "SecretMissing"));

        var answers = string.Concat(await Task.WhenAll(new[] { "repositories", "repositories/fleet", "credentials", "credentials/fleet" }.Select(async path => (await host.Rest.TrySendAsync(HttpMethod.Get, path)).Body)));
        foreach (var form in new[] { Canary, basic[^12..], Convert.ToBase64String(Encoding.UTF8.GetBytes(Canary))[..20] })
        {
            Assert.DoesNotContain(form, answers, StringComparison.Ordinal);
            Assert.DoesNotContain(form, log.Text, StringComparison.Ordinal);
            foreach (var file in Directory.EnumerateFiles(host.DataDirectory, "*", SearchOption.AllDirectories).Where(static file => Path.GetFileName(file) != "lock"))
                Assert.False(Text(file).Contains(form, StringComparison.Ordinal), file);
        }
        Assert.Contains("fleet", log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Repository_OutsideTheUrlThatACredentialIsBoundTo_GetsNothing()
    {
        var name = HostFixture.NewName();
        await using var server = await GitServer.StartAsync();
        await Rest.SendAsync<ApplyResult>(HttpMethod.Put, $"credentials/{name}", $$"""{"urlPrefix": "{{server.Url}}/team", "token": "{{Canary}}"}""", Json);

        await Rest.ApplyAsync(Repository(name, $"{server.Url}/team-b/fleet.git", $"{{tokenFrom: {{stored: {name}}}}}"));

        Assert.Equal($"the stored credential {name} is not for this URL: it is bound to {server.Url}/team", await StateAsync(Rest, name, "SecretMissing"));
        Assert.Empty(server.Authorizations);
    }

    [Fact]
    public async Task RepositoryCredentials_OfTheLongestPrefix_AreUsedByRepositoriesBelow()
    {
        var name = HostFixture.NewName();
        await using var server = await GitServer.StartAsync();
        server.Allows = request => request.Headers.Authorization == "Bearer of-the-team";
        var work = await server.CreateRepositoryAsync("team/fleet");
        await work.PublishAsync("a.yaml", "a: 1\n");
        foreach (var (credential, value) in new[] { ("all", "of-all"), ("team", "of-the-team") })
            await Rest.SendAsync<ApplyResult>(HttpMethod.Put, $"credentials/{name}{credential}", $$"""{"urlPrefix": "{{server.Url}}", "token": "{{value}}"}""", Json);

        var response = await Rest.ApplyAsync(string.Join("\n---\n",
            Repository(name, work.Url, "null"), Template($"{name}-all", server.Url, $"{name}all"), Template($"{name}-team", $"{server.Url}/team/", $"{name}team")));
        Assert.All(response.Results, result => Assert.Equal(ApplyOutcome.Created, result.Result));
        await StateAsync(Rest, name, "Ready");

        Assert.Equal(["Bearer of-the-team"], server.Authorizations.Distinct());
        var twin = await Assert.ThrowsAsync<RestException>(() => Rest.ApplyAsync(Template($"{name}-twin", $"{server.Url}/team", $"{name}team")));
        Assert.Equal($"RepositoryCredentials {name}-team has the same URL prefix", twin.Problem.Detail);
        // What comes after it in the same stream is neither stored nor named: the project can go.
        var project = $"{{apiVersion: gitopsgrains.io/v1, kind: Project, metadata: {{name: {name}-p}}, spec: {{}}}}";
        var application = $"{{apiVersion: gitopsgrains.io/v1, kind: Application, metadata: {{name: {name}-a}}, spec: {{project: {name}-p, source: {{repository: {name}, ref: main, path: a}}, destination: {{clusters: [{name}]}}}}}}";
        await Rest.ApplyAsync(project);
        await Assert.ThrowsAsync<RestException>(() => Rest.ApplyAsync(string.Join("\n---\n", application, Template($"{name}-twin", $"{server.Url}/team", $"{name}team"))));
        Assert.Equal(0, (await Rest.GetAsync<ProjectView>($"projects/{name}-p")).Status.Applications);
        Assert.Equal(HttpStatusCode.NoContent, (await Rest.TrySendAsync(HttpMethod.Delete, $"projects/{name}-p")).Status);
        Assert.Contains($"{name}-team", (await Rest.TrySendAsync(HttpMethod.Get, "repositorycredentials")).Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await Rest.TrySendAsync(HttpMethod.Delete, $"repositorycredentials/{name}-team")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Rest.TrySendAsync(HttpMethod.Get, $"repositorycredentials/{name}-team")).Status);
    }

    [Fact]
    public async Task Repository_WithAFileOrVariable_IsReadWithinTheLimitsAndAnewWhenItChanges()
    {
        var folder = Directory.CreateTempSubdirectory("gog-secrets-").FullName;
        var allowed = Directory.CreateDirectory(Path.Combine(folder, "allowed")).FullName;
        await File.WriteAllTextAsync(Path.Combine(allowed, "token"), "first\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "token"), "outside");
        File.CreateSymbolicLink(Path.Combine(allowed, "link"), Path.Combine(folder, "token"));
        Environment.SetEnvironmentVariable("GITOPSGRAINS_SECRET_TOKEN_TEST", "of-the-variable");
        await using var host = await InProcessHost.StartAsync(settings => settings with { Listeners = settings.Listeners with { Url = new Uri("http://0.0.0.0:0") }, SecretDirectories = [allowed] });
        await using var server = await GitServer.StartAsync();
        var work = await server.CreateRepositoryAsync("fleet");
        await work.PublishAsync("a.yaml", "a: 1\n");

        await host.Rest.ApplyAsync(Repository("env", work.Url, "{tokenFrom: {env: GITOPSGRAINS_SECRET_TOKEN_TEST}}"));
        await host.Rest.ApplyAsync(Repository("file", work.Url, $"{{tokenFrom: {{file: {allowed}/token}}}}"));
        await host.Rest.ApplyAsync(Repository("link", work.Url, $"{{tokenFrom: {{file: {allowed}/link}}}}"));
        await StateAsync(host.Rest, "env", "Ready");
        await StateAsync(host.Rest, "file", "Ready");
        Assert.Equal($"the file {allowed}/link does not lie below one of the directories in Secrets:Directories", await StateAsync(host.Rest, "link", "SecretMissing"));
        await File.WriteAllTextAsync(Path.Combine(allowed, "token"), "second\n");
        await Eventually.TrueAsync(() => server.Authorizations.Contains("Bearer second"), "the new token is used at a poll");

        Assert.Equal(["Bearer first", "Bearer of-the-variable", "Bearer second"], server.Authorizations.Distinct().Order(StringComparer.Ordinal));
        var refused = await Assert.ThrowsAsync<RestException>(() => host.Rest.ApplyAsync(Repository("out", work.Url, $"{{tokenFrom: {{file: {folder}/token}}}}")));
        Assert.Equal("must lie below one of the directories in Secrets:Directories", Assert.Single(refused.Problem.Faults!).Message);
        Environment.SetEnvironmentVariable("GITOPSGRAINS_SECRET_TOKEN_TEST", null);
        Directory.Delete(folder, true);
    }

    private static async Task<string> StateAsync(FleetRest rest, string name, string state) => (await Eventually.GetAsync(
        () => rest.GetAsync<RepositoryView>($"repositories/{name}"), view => view.Status.State == state, $"the repository is {state}", TimeSpan.FromSeconds(40))).Status.Message;

    private static string Repository(string name, string url, string credentials, string interval = "5s") => $$"""
        apiVersion: gitopsgrains.io/v1
        kind: Repository
        metadata: {name: "{{name}}"}
        spec: {url: "{{url}}", poll: {interval: {{interval}}}, credentials: {{credentials}}}
        """;

    private static string Template(string name, string prefix, string credential) => $$"""
        apiVersion: gitopsgrains.io/v1
        kind: RepositoryCredentials
        metadata: {name: "{{name}}"}
        spec:
          urlPrefix: "{{prefix}}"
          credentials: {tokenFrom: {stored: "{{credential}}" } }
        """;

    /// <summary>Also of files that the host has open.</summary>
    private static string Text(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return reader.ReadToEnd();
    }
}
