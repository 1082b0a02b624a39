using System.Net;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Gateway.Tests.Grpc;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.V1;
using Google.Rpc;
using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace GitOpsGrains.Gateway.Tests;

/// <summary>What manifests, events and logs are refused, by REST and gRPC in the same words.</summary>
public sealed class LookRefusalTests(HostFixture fixture) : IDisposable
{
    private const string NoToken = "continue: this is no token of a page before";

    private readonly FleetChannel _channel = new(fixture.Host.GrpcUrl, fixture.Host.Token);

    private FleetRest Rest => fixture.Rest;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Manifests_OfAnApplicationThatWasNeverRendered_SayWhy()
    {
        var name = HostFixture.NewName();
        await Rest.ApplyAsync(HostFixture.Application(name));
        var view = await Eventually.GetAsync(() => Rest.GetApplicationAsync(name), seen => seen.Status.Conditions.Count > 0, "its condition");
        var sentence = $"application default/{name} was never rendered: {view.Status.Conditions[0].Message}";

        await RefusedAsync($"{name}/manifests", HttpStatusCode.Conflict, sentence);
        await RefusedAsync($"{name}/manifests?cluster={name}", HttpStatusCode.Conflict, sentence);
        var refused = await GrpcAnswersTests.RefusedAsync(StatusCode.FailedPrecondition, async () => await _channel.Fleet.GetManifestsAsync(new GetManifestsRequest { Project = "default", Name = name }, cancellationToken: Stop));
        Assert.Equal(sentence, refused.Status.Detail);
        await RefusedAsync($"{name}/events", HttpStatusCode.Conflict, $"application default/{name} has no target");
    }

    [Fact]
    public async Task Parameters_ThatAreWrong_AreNamedByBothFaces()
    {
        var name = await RenderedAsync();
        (string Path, string Detail, Func<Task> Grpc)[] wrong =
        [
            ($"manifests?revision=main", "revision: not a commit of the history, or its first 7 digits or more", () => ManifestsAsync(new() { Revision = "main" })),
            ($"manifests?revision=012345", "revision: not a commit of the history, or its first 7 digits or more", () => ManifestsAsync(new() { Revision = "012345" })),
            ($"manifests?revision={new string('0', 101)}", "revision: longer than 100 characters", () => ManifestsAsync(new() { Revision = new string('0', 101) })),
            ($"manifests?continue=x", NoToken, () => ManifestsAsync(new() { ContinueToken = "x" })),
            ($"manifests?continue={new string('1', 101)}", "continue: longer than 100 characters", () => ManifestsAsync(new() { ContinueToken = new string('1', 101) })),
            ("events?object=web", "object: 'web' is no group/Kind:namespace/name or Kind/name", () => EventsAsync(new() { Object = "web" })),
            ("events?object=Pod/a%0Ab", "object: 'Pod/a\nb' is no group/Kind:namespace/name or Kind/name", () => EventsAsync(new() { Object = "Pod/a\nb" })),
            ("events?continue=x", NoToken, () => EventsAsync(new() { ContinueToken = "x" })),
            ("logs", "object: required: a pod, as /Pod:namespace/name or Pod/name", () => LogsAsync(new())),
            ("logs?object=Service/a", "object: 'Service/a' is no pod; only pods have logs", () => LogsAsync(new() { Object = "Service/a" })),
            ("logs?object=example.com/Pod:a/b", "object: 'example.com/Pod:a/b' is no pod; only pods have logs", () => LogsAsync(new() { Object = "example.com/Pod:a/b" })),
            ("logs?object=Pod/a&tail=0", "tail: 0 is not a number of lines from 1 to 5000", () => LogsAsync(new() { Object = "Pod/a", Tail = 0 })),
            ("logs?object=Pod/a&tail=5001", "tail: 5001 is not a number of lines from 1 to 5000", () => LogsAsync(new() { Object = "Pod/a", Tail = 5001 })),
            ("logs?object=Pod/a&container=..", "container: not a name of a container", () => LogsAsync(new() { Object = "Pod/a", Container = ".." })),
        ];
        foreach (var (path, detail, grpc) in wrong)
        {
            await RefusedAsync($"{name}/{path}", HttpStatusCode.BadRequest, detail);
            var refused = await GrpcAnswersTests.RefusedAsync(StatusCode.InvalidArgument, grpc);
            Assert.Equal(detail, refused.Status.Detail);
            Assert.Equal(detail[..detail.IndexOf(':', StringComparison.Ordinal)], Assert.Single(refused.GetRpcStatus()!.GetDetail<BadRequest>()!.FieldViolations).Field);
        }
        Assert.Equal(HttpStatusCode.BadRequest, (await Rest.TrySendAsync(HttpMethod.Get, $"applications/default/{name}/logs?object=Pod/a&tail=many")).Status);

        async Task ManifestsAsync(GetManifestsRequest request)
        {
            (request.Project, request.Name) = ("default", name);
            await _channel.Fleet.GetManifestsAsync(request, cancellationToken: Stop);
        }

        async Task EventsAsync(ListEventsRequest request)
        {
            (request.Project, request.Name) = ("default", name);
            await _channel.Fleet.ListEventsAsync(request, cancellationToken: Stop);
        }

        async Task LogsAsync(GetLogsRequest request)
        {
            (request.Project, request.Name) = ("default", name);
            await _channel.Fleet.GetLogsAsync(request, cancellationToken: Stop);
        }
    }

    [Fact]
    public async Task Clusters_ThatHaveNoTarget_AreNotFound()
    {
        var name = await RenderedAsync();
        foreach (var path in new[] { "manifests?cluster=other", "manifests?cluster=other&revision=0123456", "events?cluster=other", "logs?cluster=other&object=Pod/a" })
            await RefusedAsync($"{name}/{path}", HttpStatusCode.NotFound, $"application default/{name} has no target on cluster other");
        foreach (var path in new[] { "manifests?cluster=A/B", "events?cluster=..", "logs?cluster=A&object=Pod/a" })
            await RefusedAsync($"{name}/{path}", HttpStatusCode.NotFound, "there is nothing of that name: names are lower-case DNS-1123 names of at most 63 characters");
        await RefusedAsync($"{name}/manifests?revision=0123456", HttpStatusCode.NotFound, $"revision 0123456 is none that default/{name} was synced to on cluster {name}");
    }

    [Fact]
    public async Task ManifestsOfAClusterThatCannotBeReached_AreShown_AndItsEventsSayWhyNot()
    {
        var name = await RenderedAsync();
        var path = $"applications/default/{name}/manifests";
        var text = (await Rest.TrySendAsync(HttpMethod.Get, path)).Body;
        var answer = await _channel.Fleet.GetManifestsAsync(new GetManifestsRequest { Project = "default", Name = name }, cancellationToken: Stop);

        SameAnswer.Assert(text, answer);
        Assert.Equal((name, 3, ""), (answer.Cluster, answer.Total, answer.ContinueToken));
        Assert.Equal(["/Namespace:/shop", "/Secret:/s", "/ConfigMap:/c"], answer.Items.Select(item => item.Object));
        Assert.DoesNotContain("canary", text, StringComparison.Ordinal);
        Assert.Equal("***", answer.Items[1].Manifest.Fields["data"].StructValue.Fields["a"].StringValue);

        // In pages, by either face.
        var first = await _channel.Fleet.GetManifestsAsync(new GetManifestsRequest { Project = "default", Name = name, Limit = 2 }, cancellationToken: Stop);
        SameAnswer.Assert((await Rest.TrySendAsync(HttpMethod.Get, $"{path}?limit=2")).Body, first);
        var second = await _channel.Fleet.GetManifestsAsync(new GetManifestsRequest { Project = "default", Name = name, Limit = 2, ContinueToken = first.ContinueToken }, cancellationToken: Stop);
        SameAnswer.Assert((await Rest.TrySendAsync(HttpMethod.Get, $"{path}?limit=2&continue={first.ContinueToken}")).Body, second);
        Assert.Equal(answer.Items, first.Items.Concat(second.Items));

        // As YAML all of them, whatever the media type is called.
        foreach (var type in new[] { "application/yaml", "text/yaml", "application/x-yaml" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Accept.ParseAdd(type);
            using var yaml = await Rest.Http.SendAsync(request, Stop);
            Assert.Equal("application/yaml", yaml.Content.Headers.ContentType!.MediaType);
            Assert.Equal($"""
                # application default/{name} on cluster {name}, {answer.Revision}
                ---
                # app.yaml#0, Sync
                apiVersion: v1
                kind: Namespace
                metadata:
                  name: shop
                ---
                # app.yaml#1, Sync
                apiVersion: v1
                data:
                  a: "***"
                kind: Secret
                metadata:
                  name: s
                ---
                # app.yaml#2, Sync
                apiVersion: v1
                data:
                  esc: "\e[31m\nred"
                kind: ConfigMap
                metadata:
                  name: c

                """, (await yaml.Content.ReadAsStringAsync(Stop)).Replace('\'', '"'));
        }
        using var paged = new HttpRequestMessage(HttpMethod.Get, $"{path}?limit=1");
        paged.Headers.Accept.ParseAdd("application/yaml");
        using var refused = await RestAnswerAsync(paged);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);

        // Nothing was ever on the cluster.
        var events = await _channel.Fleet.ListEventsAsync(new ListEventsRequest { Project = "default", Name = name }, cancellationToken: Stop);
        SameAnswer.Assert((await Rest.TrySendAsync(HttpMethod.Get, $"applications/default/{name}/events")).Body, events);
        Assert.Equal([$"default/{name} has no objects on cluster {name}"], events.Notes);
        var logs = await Rest.TrySendAsync(HttpMethod.Get, $"applications/default/{name}/logs?object=Pod/a");
        Assert.Equal(HttpStatusCode.Conflict, logs.Status);
        Assert.StartsWith($"cluster {name} can't be asked now: ", logs.Problem!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Manifests_WhenANewerCommitIsBroken_AreThoseBefore_WithANote()
    {
        var name = HostFixture.NewName();
        await using var git = await GitServer.StartAsync();
        var work = await git.CreateRepositoryAsync(name);
        var good = await RenderAsync(name, work, "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}");
        await work.PublishAsync("app/app.yaml", "{kind: ConfigMap}");
        await Rest.CommandAsync(name, "refresh");

        var manifests = await _channel.Fleet.GetManifestsAsync(new GetManifestsRequest { Project = "default", Name = name }, cancellationToken: Stop);

        Assert.Equal((good, 1), (manifests.Revision, manifests.Total));
        Assert.StartsWith("newer commits may be missing: app.yaml document 0: ", manifests.Note, StringComparison.Ordinal);
        SameAnswer.Assert((await Rest.TrySendAsync(HttpMethod.Get, $"applications/default/{name}/manifests")).Body, manifests);
    }

    [Fact]
    public async Task SeveralClusters_AreToldApartWhereTheyDiffer()
    {
        var name = HostFixture.NewName();
        await using var git = await GitServer.StartAsync();
        var work = await git.CreateRepositoryAsync(name);
        await work.PublishAsync("app/app.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {v: \"${CLUSTER_NAME}\"}}");
        await Rest.ApplyAsync($"{HostFixture.Cluster(name + "a")}\n---\n{HostFixture.Cluster(name + "b")}\n---\n{HostFixture.Repository(name, work.Url)}");
        await PutAsync("");
        Assert.Equal(name + "a", (await _channel.Fleet.GetManifestsAsync(new GetManifestsRequest { Project = "default", Name = name }, cancellationToken: Stop)).Cluster);
        await RefusedAsync($"{name}/events", HttpStatusCode.BadRequest, "cluster: needed, as the application has targets on 2 clusters");
        await RefusedAsync($"{name}/logs?object=Pod/a", HttpStatusCode.BadRequest, "cluster: needed, as the application has targets on 2 clusters");

        await PutAsync(", substitute: {}");
        await Eventually.TrueAsync(async () => (await Rest.TrySendAsync(HttpMethod.Get, $"applications/default/{name}/manifests")).Status == HttpStatusCode.BadRequest, "different manifests");
        await RefusedAsync($"{name}/manifests", HttpStatusCode.BadRequest, $"cluster: needed, as the clusters have different manifests: {name}a, {name}b");
        foreach (var cluster in new[] { name + "a", name + "b" })
        {
            // It tells the two apart as soon as they are rendered, and hands each its own after that.
            await Eventually.TrueAsync(
                async () => (await Rest.TrySendAsync(HttpMethod.Get, $"applications/default/{name}/manifests?cluster={cluster}")).Status == HttpStatusCode.OK, "what the cluster was given");
            var manifests = await Eventually.GetAsync(
                async () => await _channel.Fleet.GetManifestsAsync(new GetManifestsRequest { Project = "default", Name = name, Cluster = cluster }, cancellationToken: Stop),
                seen => seen.Items[0].Manifest.Fields["data"].StructValue.Fields["v"].StringValue == cluster, "the cluster's own");
            Assert.Equal(cluster, manifests.Cluster);
        }

        async Task PutAsync(string more)
        {
            await Rest.ApplyAsync($$"""
                apiVersion: gitopsgrains.io/v1
                kind: Application
                metadata: {name: "{{name}}"}
                spec:
                  source: {repository: "{{name}}", ref: main, path: app{{more}} }
                  destination: {clusters: ["{{name}}a", "{{name}}b"]}
                """);
            await Eventually.TrueAsync(async () => (await Rest.GetApplicationAsync(name)).Status.Targets.Total == 2, "its targets");
        }
    }

    [Fact]
    public void Logs_NeedARightOfTheirOwn()
    {
        var endpoints = fixture.Host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToArray();
        string[] RightsOf(string route) => [.. endpoints.Single(endpoint => endpoint.RoutePattern.RawText == route).Metadata.OfType<IAuthorizeData>().Select(data => data.Policy!).Distinct().Order()];
        Assert.Equal(["admin", "logs.read"], RightsOf("/api/v1/applications/{project}/{name}/logs"));
        Assert.Equal(["admin"], RightsOf("/api/v1/applications/{project}/{name}/events"));
        Assert.Equal(["admin", "logs.read"], RightsOf("/gitopsgrains.v1.Fleet/GetLogs"));
        Assert.Equal(["admin"], RightsOf("/gitopsgrains.v1.Fleet/ListEvents"));
    }

    public void Dispose() => _channel.Dispose();

    /// <summary>An application with three objects, for a cluster that nobody reaches.</summary>
    private async Task<string> RenderedAsync()
    {
        var name = HostFixture.NewName();
        await using var git = await GitServer.StartAsync();
        await RenderAsync(name, await git.CreateRepositoryAsync(name), """
            apiVersion: v1
            kind: Namespace
            metadata: {name: shop}
            ---
            apiVersion: v1
            kind: Secret
            metadata: {name: s}
            stringData: {a: canary}
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: c}
            data: {esc: "\e[31m\nred"}
            """);
        return name;
    }

    private async Task<string> RenderAsync(string name, GitWorkspace work, string manifests)
    {
        var commit = await work.PublishAsync("app/app.yaml", manifests);
        await Rest.ApplyAsync($"{HostFixture.Cluster(name)}\n---\n{HostFixture.Repository(name, work.Url)}\n---\n{HostFixture.Application(name)}");
        await Eventually.TrueAsync(async () => (await Rest.GetApplicationAsync(name)).Status.Targets.Total == 1, "its target");
        return commit;
    }

    private Task<HttpResponseMessage> RestAnswerAsync(HttpRequestMessage request) => Rest.Http.SendAsync(request, Stop);

    private async Task RefusedAsync(string path, HttpStatusCode status, string detail)
    {
        var answer = await Rest.TrySendAsync(HttpMethod.Get, $"applications/default/{path}");
        Assert.Equal((status, detail), (answer.Status, answer.Problem?.Detail));
    }
}
