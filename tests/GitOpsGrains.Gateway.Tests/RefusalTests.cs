using System.Net;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;

namespace GitOpsGrains.Gateway.Tests;

/// <summary>What REST refuses, asked of a running host: status, problem details, and that nothing was stored.</summary>
public sealed class RefusalTests(HostFixture fixture)
{
    private FleetRest Rest => fixture.Rest;

    [Theory]
    [InlineData("GET", "repositories/none", "there is no Repository none")]
    [InlineData("GET", "clusters/none", "there is no Cluster none")]
    [InlineData("GET", "projects/none", "there is no Project none")]
    [InlineData("DELETE", "repositories/none", "there is no Repository none")]
    [InlineData("DELETE", "clusters/none", "there is no Cluster none")]
    [InlineData("DELETE", "projects/none", "there is no Project none")]
    [InlineData("GET", "applications/default/none", "there is no application default/none")]
    [InlineData("DELETE", "applications/default/none", "there is no application default/none")]
    [InlineData("GET", "applications/default/none/targets", "there is no application default/none")]
    [InlineData("GET", "applications/default/none/targets/c", "there is no application default/none")]
    [InlineData("GET", "applications/default/none/diff", "there is no application default/none")]
    [InlineData("GET", "applications/default/none/diff?cluster=c", "there is no application default/none")]
    [InlineData("GET", "applications/default/none/history", "there is no application default/none")]
    [InlineData("POST", "applications/default/none:sync", "there is no application default/none")]
    [InlineData("POST", "applications/default/none:refresh", "there is no application default/none")]
    [InlineData("POST", "applications/default/none:suspend", "there is no application default/none")]
    [InlineData("POST", "applications/default/none:resume", "there is no application default/none")]
    [InlineData("POST", "applications/default/none:terminate", "there is no application default/none")]
    [InlineData("POST", "applications/default/none:approve", "there is no application default/none")]
    [InlineData("POST", "applications/default/none:restore", "there is no application default/none")]
    [InlineData("GET", "applications/default/none/tombstones", "there is no application default/none")]
    [InlineData("GET", "applications/default/none/manifests", "there is no application default/none")]
    [InlineData("GET", "applications/default/none/manifests?cluster=c&revision=0123456", "there is no application default/none")]
    [InlineData("GET", "applications/default/none/events", "there is no application default/none")]
    [InlineData("GET", "applications/default/none/logs?object=Pod/a", "there is no application default/none")]
    [InlineData("POST", "applications/default/none:explode", "there is no command explode")]
    [InlineData("GET", "operations/none", "there is no such operation, or it is too long ago")]
    [InlineData("GET", "operations/default~none~0123456789abcdef", "there is no such operation, or it is too long ago")]
    [InlineData("GET", "nothing", "there is nothing at this address")]
    public Task UnknownName_Is404(string method, string path, string detail) => RefusedAsync(method, path, HttpStatusCode.NotFound, detail);

    [Theory]
    [InlineData("repositories/UPPER")]
    [InlineData("repositories/a_b")]
    [InlineData("repositories/-a")]
    [InlineData("repositories/a..b")]
    [InlineData("repositories/%2e%2e%2fsecrets")]
    [InlineData("repositories/a%00b")]
    [InlineData("repositories/a%0ab")]
    [InlineData("repositories/..%5c..")]
    [InlineData("clusters/%F0%9F%92%A9")]
    [InlineData("projects/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("applications/default/a%2Fb")]
    [InlineData("applications/de_fault/a")]
    [InlineData("applications/default/a/targets/X")]
    [InlineData("operations/..~..~..")]
    [InlineData("operations/A~B~C")]
    [InlineData("operations/%00")]
    public async Task HostileNameInTheAddress_Is404(string path)
    {
        foreach (var method in path.StartsWith("operations", StringComparison.Ordinal) ? [HttpMethod.Get] : new[] { HttpMethod.Get, HttpMethod.Delete, HttpMethod.Put })
        {
            var answer = await Rest.TrySendAsync(method, path, method == HttpMethod.Put ? HostFixture.Repository("fine") : null);
            Assert.True(answer.Status is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed or HttpStatusCode.BadRequest, $"{method} {path}: {answer.Status}");
            Assert.DoesNotContain("   at ", answer.Body);
        }
        var sane = await Rest.TrySendAsync(HttpMethod.Get, "repositories/fine");
        Assert.Equal(HttpStatusCode.NotFound, sane.Status);
    }

    [Theory]
    [InlineData("applications?sort=size", "sort: 'size' is not name, health or sync")]
    [InlineData("applications?selector=a%20in%20(b)", "selector: 'a in (b)' is not key=value, key!=value, key or !key")]
    [InlineData("applications?continue=zz", "continue: this is no token of a page before")]
    [InlineData("repositories?continue=zz", "continue: this is no token of a page before")]
    public Task ListThatCannotBeMade_Is400(string path, string detail) => RefusedAsync("GET", path, HttpStatusCode.BadRequest, detail);

    [Fact]
    public async Task QueryOfAnotherType_Is400() =>
        Assert.Equal(HttpStatusCode.BadRequest, (await Rest.TrySendAsync(HttpMethod.Get, "applications?limit=many")).Status);

    [Fact]
    public async Task NoToken_Is401_AndAWrongOneToo()
    {
        using var nobody = new FleetRest(fixture.Host.Url, null);
        using var stranger = new FleetRest(fixture.Host.Url, "gog_" + new string('0', 48));
        foreach (var rest in new[] { nobody, stranger })
        {
            foreach (var (method, path) in new[] { ("GET", "applications"), ("POST", "apply"), ("GET", "watch"), ("DELETE", "clusters/a"), ("GET", "operations/x") })
            {
                var answer = await rest.TrySendAsync(new HttpMethod(method), path, method == "POST" ? HostFixture.Repository("smuggled") : null);
                Assert.Equal((HttpStatusCode.Unauthorized, 401), (answer.Status, answer.Problem!.Status));
                Assert.Equal("a token is needed: Authorization: Bearer TOKEN; the administrator's first token is in DATA/admin-token", answer.Problem.Detail);
                Assert.DoesNotContain("gog_", answer.Body);
            }
        }
        Assert.Equal(HttpStatusCode.NotFound, (await Rest.TrySendAsync(HttpMethod.Get, "repositories/smuggled")).Status);
    }

    [Fact]
    public async Task ClusterWithTargets_IsNotDeleted409()
    {
        var name = HostFixture.NewName();
        await using var git = await GitServer.StartAsync();
        var work = await git.CreateRepositoryAsync(name);
        await work.PublishAsync("app/c.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}");
        await Rest.ApplyAsync($"{HostFixture.Cluster(name)}\n---\n{HostFixture.Repository(name, work.Url)}\n---\n{HostFixture.Application(name)}");
        await Eventually.TrueAsync(async () => (await Rest.GetAsync<ClusterView>($"clusters/{name}")).Status.Targets == 1, "the target known to its cluster");
        await RefusedAsync("DELETE", $"repositories/{name}", HttpStatusCode.Conflict, $"repository {name} is used by default/{name}; delete or change these applications first");
        await RefusedAsync("DELETE", $"clusters/{name}", HttpStatusCode.Conflict,
            $"cluster {name} still has targets (default/{name}/{name}); take it out of their applications' destinations first");
        await RefusedAsync("DELETE", "projects/default", HttpStatusCode.Conflict, "project default still has applications; delete them or move them first");
        Assert.Equal(name, (await Rest.GetAsync<ClusterView>($"clusters/{name}")).Metadata.Name);

        await Rest.SendAsync<OperationView>(HttpMethod.Post, $"applications/default/{name}:suspend");
        await RefusedAsync("POST", $"applications/default/{name}:sync", HttpStatusCode.Conflict, $"application default/{name} is suspended; resume it first");

        // Its objects can't be let go while the cluster does not answer: the application stays, and so does what it stands on.
        await Rest.SendAsync<OperationView>(HttpMethod.Delete, $"applications/default/{name}");
        await RefusedAsync("DELETE", $"clusters/{name}", HttpStatusCode.Conflict,
            $"cluster {name} still has targets (default/{name}/{name}); take it out of their applications' destinations first");
        Assert.Equal(HttpStatusCode.OK, (await Rest.TrySendAsync(HttpMethod.Get, $"applications/default/{name}")).Status);
    }

    [Fact]
    public async Task CascadeOfNoKind_Is400_AndDeletesNothing()
    {
        var name = HostFixture.NewName();
        await Rest.ApplyAsync(HostFixture.Application(name));
        await RefusedAsync("DELETE", $"applications/default/{name}?cascade=drop", HttpStatusCode.BadRequest, "cascade: 'drop' is not keep, orphan, foreground or background");
        Assert.Equal("", (await Rest.GetApplicationAsync(name)).Status.Operation?.Kind ?? "");
    }

    [Theory]
    [InlineData("a..b", "revision: not a branch, tag, ref, commit id or range of versions")]
    [InlineData("%2D%2Dupload-pack", "revision: not a branch, tag, ref, commit id or range of versions")]
    [InlineData("a%0Ab", "revision: not a branch, tag, ref, commit id or range of versions")]
    public async Task DiffAgainstWhatCanBeNoRevision_Is400(string revision, string detail)
    {
        var name = HostFixture.NewName();
        await Rest.ApplyAsync(HostFixture.Application(name));
        await RefusedAsync("GET", $"applications/default/{name}/diff?revision={revision}", HttpStatusCode.BadRequest, detail);
    }

    [Theory]
    [InlineData("""{"branch": "refs/heads/x"}""", HttpStatusCode.BadRequest, "branch: not the short name of a branch, such as rollback/web")]
    [InlineData("""{"branch": "a..b"}""", HttpStatusCode.BadRequest, "branch: not the short name of a branch, such as rollback/web")]
    [InlineData("""{"to": "x"}""", HttpStatusCode.BadRequest, "the body is no rollback: $.to")]
    [InlineData("{}", HttpStatusCode.Conflict, "application default/{0} was never rendered")]
    public async Task RollbackThatCannotBeMeant_IsRefused(string body, HttpStatusCode status, string detail)
    {
        var name = HostFixture.NewName();
        await Rest.ApplyAsync(HostFixture.Application(name));
        await RefusedAsync("POST", $"applications/default/{name}:rollback", status, detail.Replace("{0}", name, StringComparison.Ordinal), body);
    }

    [Theory]
    [InlineData("""{"objects": []}""", HttpStatusCode.BadRequest, "objects: the list is empty; leave it out to mean all objects")]
    [InlineData("""{"objects": ["x"]}""", HttpStatusCode.BadRequest, "objects[0]: 'x' is not group/Kind:namespace/name or Kind/name")]
    [InlineData("""{"clusters": ["x"]}""", HttpStatusCode.BadRequest, "the body is no restore: $.clusters")]
    [InlineData("""{"cluster": "none"}""", HttpStatusCode.NotFound, "application default/{0} is not on cluster none")]
    public async Task RestoreThatCannotBeMeant_IsRefused(string body, HttpStatusCode status, string detail)
    {
        var name = HostFixture.NewName();
        await Rest.ApplyAsync(HostFixture.Application(name));
        await RefusedAsync("POST", $"applications/default/{name}:restore", status, detail.Replace("{0}", name, StringComparison.Ordinal), body);
    }

    [Fact]
    public async Task SyncWithABodyThatIsNone_Is400()
    {
        var name = HostFixture.NewName();
        await Rest.ApplyAsync(HostFixture.Application(name));
        foreach (var body in new[] { "{", "[]", "{\"prune\": \"yes\"}", "nonsense", "{\"objcts\": []}", $"{{\"onError\": \"{new string('x', 600_000)}\"}}" })
        {
            var answer = await Rest.TrySendAsync(HttpMethod.Post, $"applications/default/{name}:sync", body, "application/json");
            Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
            Assert.StartsWith("the body is no sync request", answer.Problem!.Detail);
        }
    }

    [Theory]
    [InlineData("""{"objects": []}""", "objects: the list is empty; leave it out to mean all objects")]
    [InlineData("""{"objects": ["Deployment"]}""", "objects[0]: 'Deployment' is not group/Kind:namespace/name or Kind/name")]
    [InlineData("""{"objects": ["Service/a", "service/b"]}""", "objects[1]: 'service/b' is not group/Kind:namespace/name or Kind/name")]
    [InlineData("""{"objects": [null]}""", "objects[0]: null is not group/Kind:namespace/name or Kind/name")]
    [InlineData("""{"objects": ["/ConfigMap:web/../../nodes"]}""", "objects[0]: '/ConfigMap:web/../../nodes' is not group/Kind:namespace/name or Kind/name")]
    [InlineData("""{"onError": "stop"}""", "onError: 'stop' is not abort or continue")]
    [InlineData("""{"onError": ""}""", "onError: '' is not abort or continue")]
    [InlineData("""{"revision": "main"}""", "revision: not a commit id: 7 to 64 hexadecimal digits")]
    [InlineData("""{"revision": "abcde"}""", "revision: not a commit id: 7 to 64 hexadecimal digits")]
    public async Task SyncRequestThatCannotBeMeant_Is400_AndStartsNothing(string body, string detail)
    {
        var name = HostFixture.NewName();
        await Rest.ApplyAsync(HostFixture.Application(name));
        await RefusedAsync("POST", $"applications/default/{name}:sync", HttpStatusCode.BadRequest, detail, body);
        Assert.Null((await Rest.GetApplicationAsync(name)).Status.Operation);
    }

    [Fact]
    public async Task SyncOfTooManyObjects_Is400()
    {
        var name = HostFixture.NewName();
        await Rest.ApplyAsync(HostFixture.Application(name));
        var objects = string.Join(',', Enumerable.Range(0, 501).Select(index => $"\"Service/s-{index}\""));
        await RefusedAsync("POST", $"applications/default/{name}:sync", HttpStatusCode.BadRequest, "objects: more than 500", $"{{\"objects\": [{objects}]}}");
    }

    [Fact]
    public async Task SyncOfAMisspeltMember_IsNotASyncOfEverything()
    {
        var name = HostFixture.NewName();
        await Rest.ApplyAsync(HostFixture.Application(name));
        await RefusedAsync("POST", $"applications/default/{name}:sync", HttpStatusCode.BadRequest, "the body is no sync request: $.object", """{"object": ["Service/a"]}""");
        Assert.Null((await Rest.GetApplicationAsync(name)).Status.Operation);
    }

    [Theory]
    [InlineData("""{"objects": []}""", HttpStatusCode.BadRequest, "objects: the list is empty; leave it out to mean all objects")]
    [InlineData("""{"objects": ["x"]}""", HttpStatusCode.BadRequest, "objects[0]: 'x' is not group/Kind:namespace/name or Kind/name")]
    [InlineData("""{"prune": true}""", HttpStatusCode.BadRequest, "the body is no approval: $.prune")]
    [InlineData("""{"objects": ["Namespace/old"]}""", HttpStatusCode.Conflict, "no prune of Namespace/old is held")]
    public async Task ApprovalThatCannotBeMeant_IsRefused(string body, HttpStatusCode status, string detail)
    {
        var name = HostFixture.NewName();
        await Rest.ApplyAsync(HostFixture.Application(name));
        await RefusedAsync("POST", $"applications/default/{name}:approve", status, detail, body);
    }

    [Fact]
    public async Task ApprovalOfNothing_EndsAtOnceAndSyncsNothing()
    {
        var name = HostFixture.NewName();
        await Rest.ApplyAsync(HostFixture.Application(name));
        var operation = await Rest.CommandAsync(name, "approve");
        Assert.Equal((OperationPhase.Succeeded, "no prune is held"), (operation.Phase, operation.Message));
    }

    [Fact]
    public async Task WatchAfterAnEventThatIsNotKept_Is410()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "watch");
        request.Headers.Add("Last-Event-ID", "long-ago");
        using var answer = await Rest.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Gone, answer.StatusCode);
    }

    [Fact]
    public async Task BodyOverTheLimit_Is413_WithAndWithoutALength()
    {
        var name = HostFixture.NewName();
        var body = HostFixture.Repository(name) + "\n#" + new string('x', 8 * 1024 * 1024);
        var answer = await Rest.TrySendAsync(HttpMethod.Post, "apply", body);
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "a stream has at most 8388608 bytes"), (answer.Status, answer.Problem!.Detail));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await Rest.TrySendAsync(HttpMethod.Put, $"repositories/{name}", body)).Status);

        using var chunked = new HttpRequestMessage(HttpMethod.Post, "apply") { Content = new StringContent(body) };
        chunked.Content.Headers.ContentLength = null;
        chunked.Headers.TransferEncodingChunked = true;
        using var streamed = await Rest.Http.SendAsync(chunked, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, streamed.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await Rest.TrySendAsync(HttpMethod.Get, $"repositories/{name}")).Status);
    }

    [Theory]
    [InlineData("image/png")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task WrongContentType_Is415_AndStoresNothing(string type)
    {
        var name = HostFixture.NewName();
        foreach (var (method, path) in new[] { (HttpMethod.Post, "apply"), (HttpMethod.Put, $"repositories/{name}") })
        {
            var answer = await Rest.TrySendAsync(method, path, HostFixture.Repository(name), type);
            Assert.Equal((HttpStatusCode.UnsupportedMediaType, 415), (answer.Status, answer.Problem?.Status));
        }
        Assert.Equal(HttpStatusCode.NotFound, (await Rest.TrySendAsync(HttpMethod.Get, $"repositories/{name}")).Status);
    }

    [Theory]
    [InlineData("application/yaml")]
    [InlineData("application/x-yaml; charset=utf-8")]
    [InlineData("text/yaml")]
    [InlineData("text/plain")]
    public async Task ContentTypesOfYaml_AreTaken(string type)
    {
        var name = HostFixture.NewName();
        Assert.Equal(HttpStatusCode.OK, (await Rest.TrySendAsync(HttpMethod.Post, "apply", HostFixture.Repository(name), type)).Status);
        Assert.Equal(name, (await Rest.GetAsync<RepositoryView>($"repositories/{name}")).Metadata.Name);
    }

    private async Task RefusedAsync(string method, string path, HttpStatusCode status, string detail, string? body = null)
    {
        var answer = await Rest.TrySendAsync(new HttpMethod(method), path, body, "application/json");
        Assert.Equal((status, detail), (answer.Status, answer.Problem?.Detail));
        Assert.Equal(((int)status, ProblemView.MediaType), (answer.Problem!.Status, answer.ContentType));
    }
}
