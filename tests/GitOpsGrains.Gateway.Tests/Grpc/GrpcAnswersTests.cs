using System.Text;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.V1;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Reflection.V1Alpha;

namespace GitOpsGrains.Gateway.Tests.Grpc;

/// <summary>The same questions over REST and gRPC have the same answers.</summary>
public sealed class GrpcAnswersTests(HostFixture fixture) : IDisposable
{
    private readonly FleetChannel _channel = new(fixture.Host.GrpcUrl, fixture.Host.Token);

    private V1.Fleet.FleetClient Fleet => _channel.Fleet;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Things_ListedAndRead_AreTheSame()
    {
        var name = await StoreAsync();
        SameAnswer.Assert(await RestAsync($"repositories/{name}"), await Fleet.GetRepositoryAsync(new GetRepositoryRequest { Name = name }, cancellationToken: Stop), "lastPoll");
        SameAnswer.Assert(await RestAsync($"clusters/{name}"), await Fleet.GetClusterAsync(new GetClusterRequest { Name = name }, cancellationToken: Stop), "observedAt");
        SameAnswer.Assert(await RestAsync("projects/default"), await Fleet.GetProjectAsync(new GetProjectRequest { Name = "default" }, cancellationToken: Stop), "applications");
        SameAnswer.Assert(await RestAsync($"applications/default/{name}"), await Fleet.GetApplicationAsync(new GetApplicationRequest { Project = "default", Name = name }, cancellationToken: Stop));
        SameAnswer.Assert(await RestAsync($"repositories?q={name}"), await Fleet.ListRepositoriesAsync(new ListRepositoriesRequest { Q = name }, cancellationToken: Stop), "lastPoll");
        SameAnswer.Assert(await RestAsync($"clusters?q={name}"), await Fleet.ListClustersAsync(new ListClustersRequest { Q = name }, cancellationToken: Stop), "observedAt");
        SameAnswer.Assert(await RestAsync("projects?q=nothing-of-this"), await Fleet.ListProjectsAsync(new ListProjectsRequest { Q = "nothing-of-this" }, cancellationToken: Stop));
        SameAnswer.Assert(
            await RestAsync($"applications?cluster={name}&sync=Unknown&project=default&sort=-name"),
            await Fleet.ListApplicationsAsync(new ListApplicationsRequest { Cluster = name, Sync = V1.SyncStatus.Unknown, Project = "default", Sort = "-name" }, cancellationToken: Stop));
        SameAnswer.Assert(await RestAsync($"applications/default/{name}/targets"), await Fleet.ListTargetsAsync(new ListTargetsRequest { Project = "default", Name = name }, cancellationToken: Stop));
        SameAnswer.Assert(await RestAsync($"applications/default/{name}/history"), await Fleet.ListHistoryAsync(new ListHistoryRequest { Project = "default", Name = name }, cancellationToken: Stop));
    }

    [Fact]
    public async Task Pages_GoneThrough_AreTheSame()
    {
        var prefix = HostFixture.NewName();
        for (var index = 0; index < 5; index++) await fixture.Rest.ApplyAsync(HostFixture.Application($"{prefix}-{index}"));
        var (rest, grpc) = ("", "");
        for (var page = 0; page < 3; page++)
        {
            var answer = await Fleet.ListApplicationsAsync(new ListApplicationsRequest { Q = prefix, Limit = 2, ContinueToken = grpc }, cancellationToken: Stop);
            var text = await RestAsync($"applications?q={prefix}&limit=2&continue={rest}");
            SameAnswer.Assert(text, answer);
            Assert.Equal((page < 2 ? 2 : 1, 5), (answer.Items.Count, answer.Total));
            (rest, grpc) = (answer.ContinueToken, answer.ContinueToken);
        }
        Assert.Equal("", grpc);
    }

    [Fact]
    public async Task Documents_StoredAndDeleted_AreSeenByBoth()
    {
        var name = HostFixture.NewName();
        var documents = $"{HostFixture.Repository(name)}\n---\n{HostFixture.Cluster(name)}\n---\n{HostFixture.Application(name)}";
        var preview = await Fleet.ApplyAsync(new ApplyRequest { Documents = ByteString.CopyFromUtf8(documents), DryRun = true }, cancellationToken: Stop);
        Assert.Equal((true, V1.ApplyOutcome.Created, 3), (preview.DryRun, preview.Results[0].Result, preview.Results.Count));
        await RefusedAsync(StatusCode.NotFound, async () => await Fleet.GetRepositoryAsync(new GetRepositoryRequest { Name = name }, cancellationToken: Stop));
        var stored = await Fleet.ApplyAsync(new ApplyRequest { Documents = ByteString.CopyFromUtf8(documents) }, cancellationToken: Stop);
        Assert.Equal([("Repository", name), ("Cluster", name), ("Application", $"default/{name}")], stored.Results.Select(result => (result.Kind, result.Name)));
        var put = await Fleet.PutRepositoryAsync(new PutRepositoryRequest { Name = name, Document = ByteString.CopyFromUtf8(HostFixture.Repository(name)) }, cancellationToken: Stop);
        Assert.Equal(V1.ApplyOutcome.Unchanged, put.Result);
        var other = await RefusedAsync(StatusCode.InvalidArgument, async () => await Fleet.PutClusterAsync(new PutClusterRequest { Name = name, Document = ByteString.CopyFromUtf8(HostFixture.Repository(name)) }, cancellationToken: Stop));
        Assert.Equal($"the body is Repository {name}, the address is Cluster {name}", other.Status.Detail);

        var suspended = await Fleet.SuspendApplicationAsync(new SuspendApplicationRequest { Project = "default", Name = name }, cancellationToken: Stop);
        SameAnswer.Assert(await RestAsync($"operations/{suspended.Id}?wait=10s"), await Fleet.GetOperationAsync(new GetOperationRequest { Id = suspended.Id }, cancellationToken: Stop));
        Assert.True((await fixture.Rest.GetApplicationAsync(name)).Spec.Suspend || (await fixture.Rest.GetApplicationAsync(name)).Status.Health == "Suspended");
        var refused = await RefusedAsync(StatusCode.FailedPrecondition, async () => await Fleet.SyncApplicationAsync(new SyncApplicationRequest { Project = "default", Name = name }, cancellationToken: Stop));
        Assert.Equal($"application default/{name} is suspended; resume it first", refused.Status.Detail);
        await Fleet.ResumeApplicationAsync(new ResumeApplicationRequest { Project = "default", Name = name }, cancellationToken: Stop);

        var deleted = await Fleet.DeleteApplicationAsync(new DeleteApplicationRequest { Project = "default", Name = name, Cascade = V1.Cascade.Keep, Force = true }, cancellationToken: Stop);
        await Eventually.TrueAsync(
            async () => (await fixture.Rest.TrySendAsync(HttpMethod.Get, $"applications/default/{name}")).Status == System.Net.HttpStatusCode.NotFound, $"the end of {deleted.Id}");
        await Fleet.DeleteClusterAsync(new DeleteClusterRequest { Name = name }, cancellationToken: Stop);
        await Fleet.DeleteRepositoryAsync(new DeleteRepositoryRequest { Name = name }, cancellationToken: Stop);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await fixture.Rest.TrySendAsync(HttpMethod.Get, $"clusters/{name}")).Status);
    }

    [Fact]
    public async Task Credentials_Stored_AreListedWithoutTheirValues()
    {
        var name = HostFixture.NewName();
        var put = await Fleet.PutCredentialAsync(new PutCredentialRequest { Name = name, UrlPrefix = "https://git.example.com/team", Password = "canary-of-grpc" }, cancellationToken: Stop);
        Assert.Equal(("Credential", name, V1.ApplyOutcome.Created), (put.Kind, put.Name, put.Result));
        var read = await Fleet.GetCredentialAsync(new GetCredentialRequest { Name = name }, cancellationToken: Stop);
        SameAnswer.Assert(await RestAsync($"credentials/{name}"), read);
        Assert.Equal(["password"], read.Values);
        var listed = await Fleet.ListCredentialsAsync(new ListCredentialsRequest(), cancellationToken: Stop);
        Assert.Contains(listed.Items, item => item.Name == name);
        Assert.DoesNotContain("canary-of-grpc", listed.ToString(), StringComparison.Ordinal);
        await Fleet.DeleteCredentialAsync(new DeleteCredentialRequest { Name = name }, cancellationToken: Stop);
        await RefusedAsync(StatusCode.NotFound, async () => await Fleet.DeleteCredentialAsync(new DeleteCredentialRequest { Name = name }, cancellationToken: Stop));
    }

    [Fact]
    public async Task Silos_Asked_SayWhatTheyHold()
    {
        await StoreAsync();
        var answer = await Fleet.ListSilosAsync(new ListSilosRequest(), cancellationToken: Stop);
        SameAnswer.Assert(await RestAsync("silos"), answer, "activations", "grains", "clusters");
        var silo = Assert.Single(answer.Items);
        Assert.Equal(("Active", false), (silo.Status, silo.HasMessage));
        Assert.NotEqual("", silo.Version);
        Assert.True(silo.Grains["RepositoryGrain"] > 0 && silo.Activations >= silo.Grains["RepositoryGrain"], silo.ToString());
        // A cluster whose kubeconfig is not there is served by nobody; the end-to-end tests have one that is.
        Assert.Contains($"\"activations\":", await RestAsync("silos"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_AfterAChange_TellsIt_AndGoesOnFromItsSequence()
    {
        using var watch = Fleet.Watch(new WatchRequest(), cancellationToken: Stop);
        Assert.True(await watch.ResponseStream.MoveNext(Stop));
        var start = watch.ResponseStream.Current;
        Assert.Null(start.Event);
        var name = HostFixture.NewName();
        await fixture.Rest.ApplyAsync(HostFixture.Application(name));
        var seen = await NextOfAsync(watch, name);
        using var again = Fleet.Watch(new WatchRequest { After = start.Sequence }, cancellationToken: Stop);
        Assert.Equal(seen, await NextOfAsync(again, name));
    }

    [Fact]
    public async Task Watch_AfterASequenceThatIsNotKept_IsOutOfRange()
    {
        using var watch = Fleet.Watch(new WatchRequest { After = "long-ago" }, cancellationToken: Stop);
        var refused = await RefusedAsync(StatusCode.OutOfRange, () => watch.ResponseStream.MoveNext(Stop));
        Assert.Equal("the changes after this event are not kept any more; list again, then watch from now on", refused.Status.Detail);
    }

    [Fact]
    public async Task HealthAndReflection_WithoutAToken_Answer()
    {
        var health = await new Health.HealthClient(_channel.Channel).CheckAsync(new HealthCheckRequest(), cancellationToken: Stop);
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, health.Status);
        using var reflection = new ServerReflection.ServerReflectionClient(_channel.Channel).ServerReflectionInfo(cancellationToken: Stop);
        await reflection.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" }, Stop);
        Assert.True(await reflection.ResponseStream.MoveNext(Stop));
        Assert.Contains("gitopsgrains.v1.Fleet", reflection.ResponseStream.Current.ListServicesResponse.Service.Select(service => service.Name));
        await reflection.RequestStream.WriteAsync(new ServerReflectionRequest { FileContainingSymbol = "gitopsgrains.v1.Fleet" }, Stop);
        Assert.True(await reflection.ResponseStream.MoveNext(Stop));
        Assert.Contains("gitopsgrains/v1/fleet.proto", Encoding.UTF8.GetString(reflection.ResponseStream.Current.FileDescriptorResponse.FileDescriptorProto[0].Span), StringComparison.Ordinal);
        await reflection.RequestStream.CompleteAsync();
    }

    public void Dispose() => _channel.Dispose();

    internal static async Task<RpcException> RefusedAsync(StatusCode code, Func<Task> call)
    {
        var refused = await Assert.ThrowsAsync<RpcException>(call);
        Assert.Equal(code, refused.StatusCode);
        return refused;
    }

    private static async Task<WatchResponse> NextOfAsync(AsyncServerStreamingCall<WatchResponse> watch, string name)
    {
        while (await watch.ResponseStream.MoveNext(Stop))
            if (watch.ResponseStream.Current is { Event: { } change } response && change.Name == name) return response;
        throw new InvalidOperationException("the stream ended");
    }

    private async Task<string> RestAsync(string path) => (await fixture.Rest.TrySendAsync(HttpMethod.Get, path)).Body;

    /// <summary>A repository, a cluster and an application of one name, which nothing changes any more.</summary>
    private async Task<string> StoreAsync()
    {
        var name = HostFixture.NewName();
        await fixture.Rest.ApplyAsync($"{HostFixture.Cluster(name)}\n---\n{HostFixture.Repository(name)}\n---\n{HostFixture.Application(name)}");
        await Eventually.TrueAsync(async () => (await fixture.Rest.GetApplicationAsync(name)).Status.Conditions.Count > 0, "the condition of a repository that is not there");
        return name;
    }
}
