using System.Net;
using GitOpsGrains.Cli;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;

namespace GitOpsGrains.Gateway.Tests;

/// <summary>Documents that REST and the command line refuse: each fault with its field, and one fault stores nothing of the stream.</summary>
public sealed class DocumentRefusalTests(HostFixture fixture)
{
    private FleetRest Rest => fixture.Rest;

    [Fact]
    public async Task UnknownFields_AreAllNamed_AndNothingOfTheStreamIsStored()
    {
        var name = HostFixture.NewName();
        var stream = $"""
            {HostFixture.Repository(name)}
            ---
            {HostFixture.Application(name, "  sync: {autmated: true, prune: {bugdet: {objects: 3}}}")}
            """;
        var answer = await Rest.TrySendAsync(HttpMethod.Post, "apply", stream);
        Assert.Equal((HttpStatusCode.BadRequest, "2 faults; nothing was stored"), (answer.Status, answer.Problem!.Detail));
        Assert.Equal(
            [
                $"document 1 (Application {name}), line 12: spec.sync.autmated: unknown field; did you mean automated?",
                $"document 1 (Application {name}), line 12: spec.sync.prune.bugdet: unknown field; did you mean budget?",
            ], answer.Problem.Faults!.Select(fault => fault.ToString()));
        Assert.Equal(HttpStatusCode.NotFound, (await Rest.TrySendAsync(HttpMethod.Get, $"repositories/{name}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Rest.TrySendAsync(HttpMethod.Get, $"applications/default/{name}")).Status);
    }

    [Fact]
    public async Task UnknownFieldByPut_IsNamed_AndTheStoredDocumentStands()
    {
        var name = HostFixture.NewName();
        await Rest.ApplyAsync(HostFixture.Repository(name));
        var answer = await Rest.TrySendAsync(HttpMethod.Put, $"repositories/{name}", HostFixture.Repository(name) + "\nextra: 1");
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal("extra", Assert.Single(answer.Problem!.Faults!).Path);
        Assert.Equal("http://127.0.0.1:1/none.git", (await Rest.GetAsync<RepositoryView>($"repositories/{name}")).Spec.Url);
    }

    [Fact]
    public async Task UnknownField_IsNamedByTheCommandLine()
    {
        var name = HostFixture.NewName();
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, HostFixture.Application(name, "  suspended: true"), TestContext.Current.CancellationToken);
        using var error = new StringWriter { NewLine = "\n" };
        var environment = new CliEnvironment
        {
            Out = TextWriter.Null,
            Error = error,
            OpenInput = () => Stream.Null,
            Variable = variable => variable switch { "GITOPSGRAINS_SERVER" => fixture.Host.Url.ToString(), "GITOPSGRAINS_TOKEN" => fixture.Host.Token, _ => null },
            HomeDirectory = Path.GetTempPath(),
            WorkingDirectory = Path.GetTempPath(),
        };
        var code = await CommandLine.RunAsync(["apply", "-f", file], environment, TestContext.Current.CancellationToken);
        File.Delete(file);
        Assert.Equal(ExitCodes.Failed, code);
        Assert.Contains("spec.suspended: unknown field; did you mean suspend?", error.ToString());
        Assert.DoesNotContain(fixture.Host.Token, error.ToString());
        Assert.Equal(HttpStatusCode.NotFound, (await Rest.TrySendAsync(HttpMethod.Get, $"applications/default/{name}")).Status);
    }

    [Theory]
    [InlineData("{env: HOME}", "spec.credentials.passwordFrom.env", "must be the name of a variable that begins with GITOPSGRAINS_SECRET_")]
    [InlineData("{env: GITOPSGRAINS_SECRET_}", "spec.credentials.passwordFrom.env", "must be the name of a variable that begins with GITOPSGRAINS_SECRET_")]
    [InlineData("{env: 'GITOPSGRAINS_SECRET_A=B'}", "spec.credentials.passwordFrom.env", "must be the name of a variable that begins with GITOPSGRAINS_SECRET_")]
    [InlineData("{file: ../token}", "spec.credentials.passwordFrom.file", "must be an absolute path without '.' and '..' parts")]
    [InlineData("{file: /etc/../root/token}", "spec.credentials.passwordFrom.file", "must be an absolute path without '.' and '..' parts")]
    [InlineData("{file: /a, env: GITOPSGRAINS_SECRET_A}", "spec.credentials.passwordFrom", "give exactly one of file, env and stored")]
    [InlineData("{stored: ../other}", "spec.credentials.passwordFrom.stored", "not a name: lower-case letters, digits, '-' and '.', at most 63 characters, beginning and ending with a letter or digit, no '..'")]
    [InlineData("{literal: hush}", "spec.credentials.passwordFrom.literal", "unknown field")]
    public async Task CredentialReferenceOutsideOfWhatIsAllowed_IsNamed(string reference, string path, string message)
    {
        var name = HostFixture.NewName();
        var answer = await Rest.TrySendAsync(HttpMethod.Post, "apply", HostFixture.Repository(name).TrimEnd('}') + $", credentials: {{username: bot, passwordFrom: {reference}}}}}");
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains((path, message), answer.Problem!.Faults!.Select(fault => (fault.Path, fault.Message)));
        Assert.DoesNotContain("hush", answer.Body);
        Assert.Equal(HttpStatusCode.NotFound, (await Rest.TrySendAsync(HttpMethod.Get, $"repositories/{name}")).Status);
    }

    /// <summary>Beyond loopback not even an administrator may name any file: only those below Secrets:Directories.</summary>
    [Fact]
    public async Task FilesOfTheServer_AreRefusedBeyondLoopback()
    {
        await using var open = await InProcessHost.StartAsync(settings => settings with { Listeners = settings.Listeners with { Url = new Uri("http://0.0.0.0:0") } });
        foreach (var (document, path) in new[]
        {
            (HostFixture.Cluster("c"), "spec.kubeconfig.file"),
            (HostFixture.Repository("r").Replace("http://127.0.0.1:1/none.git", "file:///etc"), "spec.url"),
        })
        {
            var answer = await open.Rest.TrySendAsync(HttpMethod.Post, "apply", document);
            Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
            Assert.Contains((path, "must lie below one of the directories in Secrets:Directories"), answer.Problem!.Faults!.Select(fault => (fault.Path, fault.Message)));
        }
    }

    [Theory]
    [InlineData("https://bot:hush@git.example.com/a.git", "must not hold a user name or password; use credentials")]
    [InlineData("ftp://git.example.com/a.git", "must begin with https://, http://, ssh:// or file://, or be user@host:path")]
    [InlineData("ext::sh -c hush", "must begin with https://, http://, ssh:// or file://, or be user@host:path")]
    public async Task UrlThatIsNone_IsRefusedAndNotRepeated(string url, string message)
    {
        var answer = await Rest.TrySendAsync(HttpMethod.Post, "apply", HostFixture.Repository(HostFixture.NewName()).Replace("http://127.0.0.1:1/none.git", url));
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(("spec.url", message), answer.Problem!.Faults!.Select(fault => (fault.Path, fault.Message)));
        Assert.DoesNotContain("hush", answer.Body);
    }

    [Theory]
    [InlineData("a: [", "application/yaml")]
    [InlineData("{\"kind\":", "application/json")]
    [InlineData("- 1", "application/yaml")]
    public async Task BodyThatIsNoDocument_Is400WithItsFault(string body, string type)
    {
        var answer = await Rest.TrySendAsync(HttpMethod.Post, "apply", body, type);
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.NotEmpty(answer.Problem!.Faults!);
    }

    [Fact]
    public async Task PutOfAnotherNameThanTheAddress_Is400()
    {
        var answer = await Rest.TrySendAsync(HttpMethod.Put, "repositories/one", HostFixture.Repository("two"));
        Assert.Equal((HttpStatusCode.BadRequest, "the body is Repository two, the address is Repository one"), (answer.Status, answer.Problem!.Detail));
        answer = await Rest.TrySendAsync(HttpMethod.Put, "repositories/one", HostFixture.Repository("one") + "\n---\n" + HostFixture.Repository("two"));
        Assert.Equal((HttpStatusCode.BadRequest, "the body must be exactly one document"), (answer.Status, answer.Problem!.Detail));
        Assert.Equal(HttpStatusCode.NotFound, (await Rest.TrySendAsync(HttpMethod.Get, "repositories/two")).Status);
    }

    [Fact]
    public async Task DryRun_StoresNothing()
    {
        var name = HostFixture.NewName();
        var answer = await Rest.SendAsync<ApplyResponse>(HttpMethod.Post, "apply?dryRun=true", HostFixture.Repository(name));
        Assert.True(answer.DryRun);
        Assert.Equal(HttpStatusCode.NotFound, (await Rest.TrySendAsync(HttpMethod.Get, $"repositories/{name}")).Status);
    }
}
