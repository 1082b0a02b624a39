using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Gateway.Auth;
using GitOpsGrains.Gateway.Fleet;
using GitOpsGrains.V1;
using Google.Protobuf;
using Grpc.Core;

namespace GitOpsGrains.Gateway.Grpc;

/// <summary>The service gitopsgrains.v1.Fleet: calls the facade and maps. Errors leave as <see cref="RefusalInterceptor"/> says.</summary>
internal sealed partial class FleetService(
    FleetFacade fleet, DocumentIntake intake, CredentialFacade credentials, SiloFacade silos, TargetFacade targets, FleetWatch watch) : V1.Fleet.FleetBase
{
    public override async Task<V1.ApplyResponse> Apply(ApplyRequest request, ServerCallContext context) =>
        Wire.To<V1.ApplyResponse>(await intake.ApplyAsync(request.Documents.Memory, request.DryRun));

    public override async Task Watch(WatchRequest request, IServerStreamWriter<WatchResponse> responseStream, ServerCallContext context)
    {
        var token = PresentedToken.Of(context.GetHttpContext()).Hash!;
        await foreach (var item in (await watch.OpenAsync(request.After, token, context.CancellationToken)).WithCancellation(context.CancellationToken))
        {
            var answer = new WatchResponse { Sequence = item.Sequence };
            if (item.Event is { } change) answer.Event = Wire.To<WatchEvent>(change);
            await responseStream.WriteAsync(answer, context.CancellationToken);
        }
        // The stream has no end of its own: whoever watches goes on at another gateway, or is told there that the token opens nothing any more.
        throw GrpcErrors.Of(new Refusal(RefusalCode.Unavailable, "Service unavailable", "the watch has ended; go on from its last sequence"));
    }

    public override async Task<ListSilosResponse> ListSilos(ListSilosRequest request, ServerCallContext context) =>
        Page<ListSilosResponse, SiloView>(await silos.ListAsync(context.CancellationToken));

    private static T Page<T, TView>(IReadOnlyList<TView> items)
        where T : IMessage, new() => Wire.To<T>(new ListView<TView> { Items = items });

    private static Operation Begun(string id) => Wire.To<Operation>(new OperationView { Id = id });
}
