using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Applications;
using GitOpsGrains.Abstractions.Catalog;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Documents.Validation;
using GitOpsGrains.Gateway.Fleet;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
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
        group.MapPut("/{project}/{name}", (FleetFacade fleet, AdminPolicy policy, HttpRequest request, string project, string name, CancellationToken cancellationToken) =>
            ThingEndpoints.PutAsync(fleet, policy, request, CatalogKind.Application, Names.Application(project, name), cancellationToken)).AcceptsDocuments();
        group.MapDelete("/{project}/{name}", DeleteAsync);
        group.MapPost("/{project}/{name}:{verb}", CommandAsync);
        group.MapGet("/{project}/{name}/targets", async (FleetFacade fleet, string project, string name) =>
            Results.Json(new ListView<TargetView> { Items = await fleet.GetTargetsAsync(Names.Application(project, name)) }, DocumentJson.Rest));
        group.MapGet("/{project}/{name}/targets/{cluster}", TargetAsync);
        group.MapGet("/{project}/{name}/diff", DiffAsync);
        group.MapGet("/{project}/{name}/history", async (FleetFacade fleet, string project, string name) =>
            Results.Json(new ListView<HistoryView> { Items = await fleet.GetHistoryAsync(Names.Application(project, name)) }, DocumentJson.Rest));
        api.MapGet("/operations/{id}", OperationAsync);
    }

    private static async Task<IResult> GetAsync(FleetFacade fleet, string project, string name) =>
        await fleet.GetApplicationAsync(Names.Application(project, name)) is { } view
            ? Results.Json(view, DocumentJson.Rest)
            : Problems.NotFound($"there is no application {project}/{name}");

    private static async Task<IResult> DeleteAsync(FleetFacade fleet, string project, string name, string? cascade)
    {
        Cascade? policy = cascade switch
        {
            null or "" => null,
            "keep" => Cascade.Keep,
            "foreground" => Cascade.Foreground,
            "background" => Cascade.Background,
            _ => throw new GrainRefusedException(RefusalKind.Invalid, $"cascade: '{cascade}' is not keep, foreground or background"),
        };
        return Accepted(await fleet.Application(Names.Application(project, name)).DeleteAsync(policy));
    }

    private static async Task<IResult> CommandAsync(FleetFacade fleet, HttpRequest request, string project, string name, string verb, CancellationToken cancellationToken)
    {
        var application = fleet.Application(Names.Application(project, name));
        return verb switch
        {
            "sync" => await SyncAsync(application, request, cancellationToken),
            "refresh" => Accepted(await application.RefreshAsync()),
            "suspend" => Accepted(await application.SuspendAsync(suspend: true)),
            "resume" => Accepted(await application.SuspendAsync(suspend: false)),
            "terminate" => Accepted(await application.TerminateAsync()),
            "approve" => Accepted(await application.ApproveAsync()),
            "rollback" or "restore" => Problems.Of(StatusCodes.Status501NotImplemented, "Not supported yet", $"{verb} is not supported yet"),
            _ => Problems.NotFound($"there is no command {verb}"),
        };
    }

    private static async Task<IResult> SyncAsync(IApplicationGrain application, HttpRequest request, CancellationToken cancellationToken)
    {
        var order = new SyncRequest();
        if (request.ContentLength is > 0)
        {
            try
            {
                order = await System.Text.Json.JsonSerializer.DeserializeAsync<SyncRequest>(request.Body, DocumentJson.Rest, cancellationToken) ?? order;
            }
            catch (System.Text.Json.JsonException ex)
            {
                return Problems.Invalid($"the body is no sync request: {ex.Path}");
            }
        }
        return order.Revision is null
            ? Accepted(await application.SyncAsync(order))
            : Problems.Of(StatusCodes.Status501NotImplemented, "Not supported yet", "revision: syncing another revision than the newest is not supported yet");
    }

    private static async Task<IResult> TargetAsync(FleetFacade fleet, string project, string name, string cluster) =>
        await fleet.GetTargetAsync(Names.Application(project, name), Names.Checked(cluster)) is { } view
            ? Results.Json(view, DocumentJson.Rest)
            : Problems.NotFound($"application {project}/{name} has no target on cluster {cluster}");

    private static async Task<IResult> DiffAsync(FleetFacade fleet, string project, string name, string? cluster, string? revision, CancellationToken cancellationToken) =>
        Results.Json(
            await fleet.GetDiffAsync(
                Names.Application(project, name), string.IsNullOrEmpty(cluster) ? null : Names.Checked(cluster), string.IsNullOrEmpty(revision) ? null : revision, cancellationToken),
            DocumentJson.Rest);

    private static async Task<IResult> OperationAsync(FleetFacade fleet, string id, string? wait, CancellationToken cancellationToken)
    {
        var patience = TimeSpan.Zero;
        if (!string.IsNullOrEmpty(wait) && !Durations.TryParse(wait, out patience)) return Problems.Invalid($"wait: '{wait}' is no duration such as 20s");
        return await fleet.GetOperationAsync(id, patience, cancellationToken) is { } view
            ? Results.Json(view, DocumentJson.Rest)
            : Problems.NotFound("there is no such operation, or it is too long ago");
    }

    private static AcceptedResult Accepted(string operation) =>
        new AcceptedResult(
            Results.Json(new OperationView { Id = operation }, DocumentJson.Rest, statusCode: StatusCodes.Status202Accepted), $"/api/v1/operations/{operation}");

    private sealed class AcceptedResult(IResult body, string location) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.Location = location;
            return body.ExecuteAsync(httpContext);
        }
    }
}
