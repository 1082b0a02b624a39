using System.Text.Json;
using GitOpsGrains.V1;

namespace GitOpsGrains.Gateway.Tests.Grpc;

/// <summary>What REST can do, gRPC can do, and the other way round: whoever adds to one is told of the other.</summary>
public sealed class RouteTests(HostFixture fixture)
{
    private static readonly Dictionary<string, string[]> Methods = new()
    {
        ["POST /apply"] = ["Apply"],
        ["GET /repositories"] = ["ListRepositories"], ["GET /repositories/{name}"] = ["GetRepository"], ["PUT /repositories/{name}"] = ["PutRepository"], ["DELETE /repositories/{name}"] = ["DeleteRepository"],
        ["GET /clusters"] = ["ListClusters"], ["GET /clusters/{name}"] = ["GetCluster"], ["PUT /clusters/{name}"] = ["PutCluster"], ["DELETE /clusters/{name}"] = ["DeleteCluster"],
        ["POST /clusters/{name}:takeover"] = ["TakeOverCluster"],
        ["GET /projects"] = ["ListProjects"], ["GET /projects/{name}"] = ["GetProject"], ["PUT /projects/{name}"] = ["PutProject"], ["DELETE /projects/{name}"] = ["DeleteProject"],
        ["GET /repositorycredentials"] = ["ListRepositoryCredentials"], ["GET /repositorycredentials/{name}"] = ["GetRepositoryCredentials"],
        ["PUT /repositorycredentials/{name}"] = ["PutRepositoryCredentials"], ["DELETE /repositorycredentials/{name}"] = ["DeleteRepositoryCredentials"],
        ["GET /credentials"] = ["ListCredentials"], ["GET /credentials/{name}"] = ["GetCredential"], ["PUT /credentials/{name}"] = ["PutCredential"], ["DELETE /credentials/{name}"] = ["DeleteCredential"],
        ["GET /applications"] = ["ListApplications"], ["GET /applications/{project}/{name}"] = ["GetApplication"], ["PUT /applications/{project}/{name}"] = ["PutApplication"],
        ["DELETE /applications/{project}/{name}"] = ["DeleteApplication"],
        ["POST /applications/{project}/{name}:{verb}"] =
        [
            "SyncApplication", "RefreshApplication", "SuspendApplication", "ResumeApplication", "TerminateApplication", "ApproveApplication", "RestoreApplication", "RollBackApplication", "RunAction",
        ],
        ["GET /operations/{id}"] = ["GetOperation"],
        ["GET /applications/{project}/{name}/targets"] = ["ListTargets"], ["GET /applications/{project}/{name}/targets/{cluster}"] = ["GetTarget"],
        ["GET /applications/{project}/{name}/diff"] = ["GetDiff"], ["GET /applications/{project}/{name}/history"] = ["ListHistory"], ["GET /applications/{project}/{name}/tombstones"] = ["ListTombstones"],
        ["GET /applications/{project}/{name}/blame"] = ["ListBlame"], ["GET /applications/{project}/{name}/actions"] = ["ListActions"],
        ["GET /applications/{project}/{name}/manifests"] = ["GetManifests"], ["GET /applications/{project}/{name}/events"] = ["ListEvents"], ["GET /applications/{project}/{name}/logs"] = ["GetLogs"],
        ["GET /watch"] = ["Watch"], ["GET /silos"] = ["ListSilos"],
    };

    [Fact]
    public async Task Rest_EveryRoute_HasItsMethods()
    {
        using var document = JsonDocument.Parse(await fixture.Rest.Http.GetStringAsync("/openapi/v1.json", TestContext.Current.CancellationToken));
        var routes = document.RootElement.GetProperty("paths").EnumerateObject()
            .Where(path => path.Name.StartsWith("/api/v1/", StringComparison.Ordinal))
            .SelectMany(path => path.Value.EnumerateObject().Select(method => $"{method.Name.ToUpperInvariant()} {path.Name["/api/v1".Length..].TrimEnd('/')}"));
        Assert.Equal(Methods.Keys.Order(), routes.Order());
    }

    /// <summary>It is made once, and says nothing of the address at which somebody asked for it.</summary>
    [Fact]
    public async Task Description_IsTheSameWhoeverAsks()
    {
        var texts = new List<string>();
        foreach (var host in new[] { "one.example", "two.example", "one.example" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/openapi/v1.json?x=" + host) { Headers = { Host = host } };
            using var answer = await fixture.Rest.Http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
            texts.Add(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
        Assert.Single(texts.Distinct());
        Assert.DoesNotContain("\"servers\"", texts[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Grpc_EveryMethod_HasItsRoute() =>
        Assert.Equal(V1.Fleet.Descriptor.Methods.Select(method => method.Name).Order(), Methods.Values.SelectMany(names => names).Order());
}
