using GitOpsGrains.V1;
using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;

namespace GitOpsGrains.Gateway.Tests.Grpc;

/// <summary>What is refused, with which code, and which field is named.</summary>
public sealed class GrpcRefusalTests(HostFixture fixture) : IDisposable
{
    private readonly FleetChannel _channel = new(fixture.Host.GrpcUrl, fixture.Host.Token);

    private V1.Fleet.FleetClient Fleet => _channel.Fleet;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null)]
    [InlineData("wrong")]
    [InlineData("")]
    public async Task Call_WithoutAToken_IsUnauthenticated(string? token)
    {
        using var channel = new FleetChannel(fixture.Host.GrpcUrl, token);
        var refused = await GrpcAnswersTests.RefusedAsync(StatusCode.Unauthenticated, async () => await channel.Fleet.ListApplicationsAsync(new ListApplicationsRequest(), cancellationToken: Stop));
        Assert.Equal("a token is needed: metadata authorization: Bearer TOKEN", refused.Status.Detail);
        using var watch = channel.Fleet.Watch(new WatchRequest(), cancellationToken: Stop);
        await GrpcAnswersTests.RefusedAsync(StatusCode.Unauthenticated, () => watch.ResponseStream.MoveNext(Stop));
    }

    [Fact]
    public async Task Get_OfWhatIsNotThere_IsNotFound()
    {
        var refused = await GrpcAnswersTests.RefusedAsync(StatusCode.NotFound, async () => await Fleet.GetClusterAsync(new GetClusterRequest { Name = "none" }, cancellationToken: Stop));
        Assert.Equal("there is no Cluster none", refused.Status.Detail);
        Assert.Equal(("NOT_FOUND", "gitopsgrains.io"), Reason(refused));
        foreach (var name in new[] { "", "A/B", "../x", new string('a', 64) })
            await GrpcAnswersTests.RefusedAsync(StatusCode.NotFound, async () => await Fleet.GetClusterAsync(new GetClusterRequest { Name = name }, cancellationToken: Stop));
        await GrpcAnswersTests.RefusedAsync(StatusCode.NotFound, async () => await Fleet.GetApplicationAsync(new GetApplicationRequest { Project = "default", Name = "none" }, cancellationToken: Stop));
        await GrpcAnswersTests.RefusedAsync(StatusCode.NotFound, async () => await Fleet.GetOperationAsync(new GetOperationRequest { Id = "x" }, cancellationToken: Stop));
        await GrpcAnswersTests.RefusedAsync(StatusCode.NotFound, async () => await Fleet.DeleteProjectAsync(new DeleteProjectRequest { Name = "none" }, cancellationToken: Stop));
    }

    [Fact]
    public async Task Delete_OfWhatIsUsed_IsFailedPrecondition()
    {
        var name = HostFixture.NewName();
        await fixture.Rest.ApplyAsync(HostFixture.Application(name));
        var refused = await GrpcAnswersTests.RefusedAsync(StatusCode.FailedPrecondition, async () => await Fleet.DeleteProjectAsync(new DeleteProjectRequest { Name = "default" }, cancellationToken: Stop));
        Assert.Equal("project default still has applications; delete them or move them first", refused.Status.Detail);
        Assert.Equal(("CONFLICT", "gitopsgrains.io"), Reason(refused));
    }

    [Fact]
    public async Task Documents_ThatAreWrong_NameTheirFields()
    {
        var text = "{apiVersion: gitopsgrains.io/v1, kind: Repository, metadata: {name: a}, spec: {url: 'ftp://x', pol: {}}}";
        var refused = await GrpcAnswersTests.RefusedAsync(StatusCode.InvalidArgument, async () => await Fleet.ApplyAsync(new ApplyRequest { Documents = ByteString.CopyFromUtf8(text) }, cancellationToken: Stop));
        var rest = await fixture.Rest.TrySendAsync(HttpMethod.Post, "apply", text);
        var violations = refused.GetRpcStatus()!.GetDetail<BadRequest>()!.FieldViolations;
        Assert.Equal(rest.Problem!.Detail, refused.Status.Detail);
        Assert.Equal(rest.Problem.Faults!.Select(fault => (fault.Path, fault.ToString())), violations.Select(violation => (violation.Field, violation.Description)));
        Assert.Contains(violations, violation => violation.Field == "spec.pol");
    }

    [Fact]
    public async Task Field_ThatIsWrong_IsNamed()
    {
        var name = HostFixture.NewName();
        await fixture.Rest.ApplyAsync(HostFixture.Application(name));
        await FieldAsync("objects[1]", "'service/b' is not group/Kind:namespace/name or Kind/name",
            async () => await Fleet.SyncApplicationAsync(new SyncApplicationRequest { Project = "default", Name = name, Objects = { "Service/a", "service/b" } }, cancellationToken: Stop));
        await FieldAsync("sort", "'age' is not name, health or sync", async () => await Fleet.ListApplicationsAsync(new ListApplicationsRequest { Sort = "age" }, cancellationToken: Stop));
        await FieldAsync("continue", "this is no token of a page before", async () => await Fleet.ListApplicationsAsync(new ListApplicationsRequest { ContinueToken = "zz" }, cancellationToken: Stop));
        await FieldAsync("urlPrefix", "required", async () => await Fleet.PutCredentialAsync(new PutCredentialRequest { Name = name, Token = "x" }, cancellationToken: Stop));
        await FieldAsync("cascade", "77 is not one of its values", async () => await Fleet.DeleteApplicationAsync(new DeleteApplicationRequest { Project = "default", Name = name, Cascade = (V1.Cascade)77 }, cancellationToken: Stop));
        await FieldAsync("object", "required", async () => await Fleet.ListActionsAsync(new ListActionsRequest { Project = "default", Name = name, Cluster = "a" }, cancellationToken: Stop));
        Assert.Null((await fixture.Rest.GetApplicationAsync(name)).Status.Operation);
    }

    [Fact]
    public async Task Stream_OverTheLimit_IsResourceExhausted()
    {
        var body = new byte[(8 * 1024 * 1024) + 1];
        Array.Fill(body, (byte)'#');
        var refused = await GrpcAnswersTests.RefusedAsync(StatusCode.ResourceExhausted, async () => await Fleet.ApplyAsync(new ApplyRequest { Documents = ByteString.CopyFrom(body) }, cancellationToken: Stop));
        Assert.Equal("a stream has at most 8388608 bytes", refused.Status.Detail);
        await GrpcAnswersTests.RefusedAsync(StatusCode.ResourceExhausted, async () => await Fleet.ApplyAsync(new ApplyRequest { Documents = ByteString.CopyFrom(new byte[9 * 1024 * 1024]) }, cancellationToken: Stop));
    }

    [Fact]
    public async Task Call_OfAServiceThatIsNotThere_IsUnimplemented()
    {
        var bytes = Marshallers.Create(static (byte[] message) => message, static data => data);
        var method = new Method<byte[], byte[]>(MethodType.Unary, "gitopsgrains.v9.Fleet", "Get", bytes, bytes);
        var refused = await GrpcAnswersTests.RefusedAsync(StatusCode.Unimplemented, async () => await _channel.Channel.CreateCallInvoker().AsyncUnaryCall(method, null, new CallOptions(cancellationToken: Stop), []));
        Assert.Equal("there is no such service", refused.Status.Detail);
    }

    public void Dispose() => _channel.Dispose();

    private static async Task FieldAsync(string field, string description, Func<Task> call)
    {
        var refused = await GrpcAnswersTests.RefusedAsync(StatusCode.InvalidArgument, call);
        var violation = Assert.Single(refused.GetRpcStatus()!.GetDetail<BadRequest>()!.FieldViolations);
        Assert.Equal((field, description), (violation.Field, violation.Description));
    }

    private static (string, string) Reason(RpcException refused)
    {
        var info = refused.GetRpcStatus()!.GetDetail<ErrorInfo>()!;
        return (info.Reason, info.Domain);
    }
}
