using GitOpsGrains.Gateway.Auth;
using GitOpsGrains.Gateway.Fleet;
using GitOpsGrains.V1;
using Grpc.Core;
using Microsoft.AspNetCore.Authorization;

namespace GitOpsGrains.Gateway.Grpc;

/// <summary>A look at one target: manifests, events, logs.</summary>
internal sealed partial class FleetService
{
    public override async Task<Manifests> GetManifests(GetManifestsRequest request, ServerCallContext context) => Wire.To<Manifests>(await targets.GetManifestsAsync(
        Names.Application(request.Project, request.Name), request.Cluster, request.Revision, request.HasLimit ? request.Limit : null, request.ContinueToken, context.CancellationToken));

    public override async Task<ListEventsResponse> ListEvents(ListEventsRequest request, ServerCallContext context) => Wire.To<ListEventsResponse>(await targets.GetEventsAsync(
        Names.Application(request.Project, request.Name), request.Cluster, request.Object, request.HasLimit ? request.Limit : null, request.ContinueToken, context.CancellationToken));

    [Authorize(Rights.ReadLogs)]
    public override async Task<Logs> GetLogs(GetLogsRequest request, ServerCallContext context) => Wire.To<Logs>(await targets.GetLogsAsync(
        Names.Application(request.Project, request.Name), request.Cluster, request.Object, request.Container, request.HasTail ? request.Tail : null, context.CancellationToken));
}
