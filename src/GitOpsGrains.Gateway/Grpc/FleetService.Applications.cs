using GitOpsGrains.Abstractions.Applications;
using GitOpsGrains.Abstractions.Catalog;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Gateway.Fleet;
using GitOpsGrains.V1;
using Grpc.Core;
using Cascade = GitOpsGrains.Abstractions.Applications.Cascade;

namespace GitOpsGrains.Gateway.Grpc;

/// <summary>Applications and the commands to them.</summary>
internal sealed partial class FleetService
{
    public override async Task<ListApplicationsResponse> ListApplications(ListApplicationsRequest request, ServerCallContext context) =>
        Wire.To<ListApplicationsResponse>(await FleetLists.ListApplicationsAsync(fleet, Wire.From<ListQuery>(request)));

    public override async Task<Application> GetApplication(GetApplicationRequest request, ServerCallContext context)
    {
        var key = Names.Application(request.Project, request.Name);
        return Wire.To<Application>(await fleet.GetApplicationAsync(key) ?? throw Absent.Application(key));
    }

    public override async Task<V1.ApplyResult> PutApplication(PutApplicationRequest request, ServerCallContext context) => Wire.To<V1.ApplyResult>(
        await intake.PutAsync(CatalogKind.Application, Names.Application(request.Project, request.Name), request.Document.Memory));

    public override async Task<Operation> DeleteApplication(DeleteApplicationRequest request, ServerCallContext context)
    {
        Cascade? cascade = request.Cascade switch
        {
            V1.Cascade.Keep => Cascade.Keep,
            V1.Cascade.Foreground => Cascade.Foreground,
            V1.Cascade.Background => Cascade.Background,
            V1.Cascade.Unspecified => null,
            _ => throw new Abstractions.GrainRefusedException(Abstractions.RefusalKind.Invalid, $"cascade: {(int)request.Cascade} is not one of its values"),
        };
        return Begun(await Grain(request.Project, request.Name).DeleteAsync(cascade, request.Force));
    }

    public override async Task<Operation> SyncApplication(SyncApplicationRequest request, ServerCallContext context) =>
        Begun(await Grain(request.Project, request.Name).SyncAsync(Wire.From<SyncRequest>(request)));

    public override async Task<Operation> RefreshApplication(RefreshApplicationRequest request, ServerCallContext context) =>
        Begun(await Grain(request.Project, request.Name).RefreshAsync());

    public override async Task<Operation> SuspendApplication(SuspendApplicationRequest request, ServerCallContext context) =>
        Begun(await Grain(request.Project, request.Name).SuspendAsync(suspend: true));

    public override async Task<Operation> ResumeApplication(ResumeApplicationRequest request, ServerCallContext context) =>
        Begun(await Grain(request.Project, request.Name).SuspendAsync(suspend: false));

    public override async Task<Operation> TerminateApplication(TerminateApplicationRequest request, ServerCallContext context) =>
        Begun(await Grain(request.Project, request.Name).TerminateAsync());

    public override async Task<Operation> ApproveApplication(ApproveApplicationRequest request, ServerCallContext context) =>
        Wire.To<Operation>(await Grain(request.Project, request.Name).ApproveAsync(Wire.From<ApproveRequest>(request)));

    public override async Task<Operation> RestoreApplication(RestoreApplicationRequest request, ServerCallContext context) =>
        Begun(await Grain(request.Project, request.Name).RestoreAsync(Wire.From<RestoreRequest>(request)));

    public override async Task<Operation> RollBackApplication(RollBackApplicationRequest request, ServerCallContext context) =>
        Begun(await Grain(request.Project, request.Name).RollBackAsync(Wire.From<RollbackRequest>(request), context.GetHttpContext().User.Identity?.Name ?? ""));

    public override async Task<Operation> RunAction(RunActionRequest request, ServerCallContext context) => Begun(await fleet.RunActionAsync(
        Names.Application(request.Project, request.Name), Wire.From<ActionRequest>(request), context.CancellationToken));

    public override async Task<Operation> GetOperation(GetOperationRequest request, ServerCallContext context)
    {
        var wait = request.Wait?.ToTimeSpan() ?? TimeSpan.Zero;
        if (wait < TimeSpan.Zero) throw new Abstractions.GrainRefusedException(Abstractions.RefusalKind.Invalid, "wait: less than nothing");
        return Wire.To<Operation>(await fleet.GetOperationAsync(request.Id, wait, context.CancellationToken) ?? throw Absent.Operation());
    }

    private IApplicationGrain Grain(string project, string name) => fleet.Application(Names.Application(project, name));
}
