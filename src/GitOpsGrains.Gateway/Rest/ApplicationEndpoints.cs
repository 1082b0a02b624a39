using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Applications;
using GitOpsGrains.Abstractions.Catalog;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Gateway.Fleet;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace GitOpsGrains.Gateway.Rest;

/// <summary>Applications: lists, documents, commands and what is known of their targets.</summary>
internal static class ApplicationEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/applications");
        group.MapGet("/", async (FleetFacade fleet, [AsParameters] ListQuery query) =>
            Results.Json(await FleetLists.ListApplicationsAsync(fleet, query), DocumentJson.Rest));
        group.MapGet("/{project}/{name}", GetAsync);
        group.MapPut("/{project}/{name}", async (DocumentIntake intake, HttpRequest request, string project, string name, CancellationToken cancellationToken) =>
            Results.Json(await intake.PutAsync(CatalogKind.Application, Names.Application(project, name), await ApplyEndpoint.ReadAsync(request, cancellationToken)), DocumentJson.Rest))
            .AcceptsDocuments();
        group.MapDelete("/{project}/{name}", DeleteAsync);
        group.MapPost("/{project}/{name}:{verb}", CommandAsync);
        group.MapGet("/{project}/{name}/targets", async (FleetFacade fleet, string project, string name) =>
            Results.Json(new ListView<TargetView> { Items = await fleet.GetTargetsAsync(Names.Application(project, name)) }, DocumentJson.Rest));
        group.MapGet("/{project}/{name}/targets/{cluster}", TargetAsync);
        group.MapGet("/{project}/{name}/diff", DiffAsync);
        group.MapGet("/{project}/{name}/history", async (FleetFacade fleet, string project, string name) =>
            Results.Json(new ListView<HistoryView> { Items = await fleet.GetHistoryAsync(Names.Application(project, name)) }, DocumentJson.Rest));
        group.MapGet("/{project}/{name}/tombstones", async (FleetFacade fleet, string project, string name) =>
            Results.Json(new ListView<TombstoneView> { Items = await fleet.Application(Names.Application(project, name)).GetTombstonesAsync() }, DocumentJson.Rest));
        group.MapGet("/{project}/{name}/blame", BlameAsync);
        group.MapGet("/{project}/{name}/actions", ActionsAsync);
        api.MapGet("/operations/{id}", OperationAsync);
    }

    private static async Task<IResult> GetAsync(FleetFacade fleet, string project, string name) =>
        Results.Json(await fleet.GetApplicationAsync(Names.Application(project, name)) ?? throw Absent.Application($"{project}/{name}"), DocumentJson.Rest);

    private static async Task<IResult> DeleteAsync(FleetFacade fleet, string project, string name, string? cascade, bool? force)
    {
        Cascade? policy = cascade switch
        {
            null or "" => null,
            "keep" or "orphan" => Cascade.Keep,
            "foreground" => Cascade.Foreground,
            "background" => Cascade.Background,
            _ => throw new GrainRefusedException(RefusalKind.Invalid, $"cascade: '{cascade}' is not keep, orphan, foreground or background"),
        };
        return Accepted(await fleet.Application(Names.Application(project, name)).DeleteAsync(policy, force ?? false));
    }

    private static async Task<IResult> CommandAsync(FleetFacade fleet, HttpRequest request, string project, string name, string verb, CancellationToken cancellationToken)
    {
        var application = fleet.Application(Names.Application(project, name));
        return verb switch
        {
            "sync" => Accepted(await application.SyncAsync(await CommandBody.ReadAsync<SyncRequest>(request, "sync request", cancellationToken))),
            "refresh" => Accepted(await application.RefreshAsync()),
            "suspend" => Accepted(await application.SuspendAsync(suspend: true)),
            "resume" => Accepted(await application.SuspendAsync(suspend: false)),
            "terminate" => Accepted(await application.TerminateAsync()),
            "approve" => Accepted(await application.ApproveAsync(await CommandBody.ReadAsync<ApproveRequest>(request, "approval", cancellationToken))),
            "restore" => Accepted(await application.RestoreAsync(await CommandBody.ReadAsync<RestoreRequest>(request, "restore", cancellationToken))),
            "action" => Accepted(await fleet.RunActionAsync(
                Names.Application(project, name), await CommandBody.ReadAsync<ActionRequest>(request, "action request", cancellationToken), cancellationToken)),
            "rollback" => Accepted(await application.RollBackAsync(
                await CommandBody.ReadAsync<RollbackRequest>(request, "rollback", cancellationToken), request.HttpContext.User.Identity?.Name ?? "")),
            _ => Problems.NotFound($"there is no command {verb}"),
        };
    }

    private static async Task<IResult> BlameAsync(
        FleetFacade fleet, string project, string name, string? @object, string? cluster, int? limit, [FromQuery(Name = "continue")] string? after, CancellationToken cancellationToken) =>
        Results.Json(await fleet.GetBlameAsync(Names.Application(project, name), @object, string.IsNullOrEmpty(cluster) ? null : Names.Checked(cluster), new ListQuery { Limit = limit }.PageSize, after, cancellationToken), DocumentJson.Rest);

    private static async Task<IResult> ActionsAsync(FleetFacade fleet, string project, string name, string? cluster, string? @object, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(cluster) || string.IsNullOrEmpty(@object)) return Problems.Invalid("cluster and object are needed: ?cluster=NAME&object=group/Kind:namespace/name");
        var actions = await fleet.GetActionsAsync(Names.Application(project, name), Names.Checked(cluster), @object, cancellationToken);
        return Results.Json(new ListView<ActionView> { Items = actions }, DocumentJson.Rest);
    }

    private static async Task<IResult> TargetAsync(FleetFacade fleet, string project, string name, string cluster) =>
        Results.Json(await fleet.GetTargetAsync(Names.Application(project, name), Names.Checked(cluster)) ?? throw Absent.Target($"{project}/{name}", cluster), DocumentJson.Rest);

    private static async Task<IResult> DiffAsync(FleetFacade fleet, string project, string name, string? cluster, string? revision, CancellationToken cancellationToken) =>
        Results.Json(
            await fleet.GetDiffAsync(
                Names.Application(project, name), string.IsNullOrEmpty(cluster) ? null : Names.Checked(cluster), string.IsNullOrEmpty(revision) ? null : revision, cancellationToken),
            DocumentJson.Rest);

    private static async Task<IResult> OperationAsync(FleetFacade fleet, string id, string? wait, CancellationToken cancellationToken)
    {
        var patience = TimeSpan.Zero;
        if (!string.IsNullOrEmpty(wait) && !Durations.TryParse(wait, out patience)) return Problems.Invalid($"wait: '{wait}' is no duration such as 20s");
        return Results.Json(await fleet.GetOperationAsync(id, patience, cancellationToken) ?? throw Absent.Operation(), DocumentJson.Rest);
    }

    private static AcceptedResult Accepted(string operation) => Accepted(new OperationView { Id = operation });

    private static AcceptedResult Accepted(OperationView operation) => new(
        Results.Json(operation, DocumentJson.Rest, statusCode: StatusCodes.Status202Accepted), $"/api/v1/operations/{operation.Id}");

    private sealed class AcceptedResult(IResult body, string location) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.Location = location;
            return body.ExecuteAsync(httpContext);
        }
    }
}
