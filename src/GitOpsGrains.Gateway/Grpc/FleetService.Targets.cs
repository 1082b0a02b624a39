using GitOpsGrains.Abstractions;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Gateway.Fleet;
using GitOpsGrains.V1;
using Grpc.Core;

namespace GitOpsGrains.Gateway.Grpc;

/// <summary>What is known of an application's targets, now and in the past.</summary>
internal sealed partial class FleetService
{
    public override async Task<ListTargetsResponse> ListTargets(ListTargetsRequest request, ServerCallContext context) =>
        Page<ListTargetsResponse, TargetView>(await fleet.GetTargetsAsync(Names.Application(request.Project, request.Name)));

    public override async Task<Target> GetTarget(GetTargetRequest request, ServerCallContext context)
    {
        var key = Names.Application(request.Project, request.Name);
        return Wire.To<Target>(await fleet.GetTargetAsync(key, Names.Checked(request.Cluster)) ?? throw Absent.Target(key, request.Cluster));
    }

    public override async Task<Diff> GetDiff(GetDiffRequest request, ServerCallContext context) => Wire.To<Diff>(await fleet.GetDiffAsync(
        Names.Application(request.Project, request.Name), Cluster(request.Cluster), request.Revision is "" ? null : request.Revision, context.CancellationToken));

    public override async Task<ListHistoryResponse> ListHistory(ListHistoryRequest request, ServerCallContext context) =>
        Page<ListHistoryResponse, HistoryView>(await fleet.GetHistoryAsync(Names.Application(request.Project, request.Name)));

    public override async Task<ListTombstonesResponse> ListTombstones(ListTombstonesRequest request, ServerCallContext context) =>
        Page<ListTombstonesResponse, TombstoneView>(await Grain(request.Project, request.Name).GetTombstonesAsync());

    public override async Task<ListBlameResponse> ListBlame(ListBlameRequest request, ServerCallContext context) => Wire.To<ListBlameResponse>(await fleet.GetBlameAsync(
        Names.Application(request.Project, request.Name), request.Object, Cluster(request.Cluster),
        new ListQuery { Limit = request.HasLimit ? request.Limit : null }.PageSize, request.ContinueToken, context.CancellationToken));

    public override async Task<ListActionsResponse> ListActions(ListActionsRequest request, ServerCallContext context)
    {
        if (request.Cluster is "" || request.Object is "") throw new GrainRefusedException(RefusalKind.Invalid, $"{(request.Cluster is "" ? "cluster" : "object")}: required");
        return Page<ListActionsResponse, ActionView>(await fleet.GetActionsAsync(
            Names.Application(request.Project, request.Name), Names.Checked(request.Cluster), request.Object, context.CancellationToken));
    }

    private static string? Cluster(string name) => name is "" ? null : Names.Checked(name);
}
