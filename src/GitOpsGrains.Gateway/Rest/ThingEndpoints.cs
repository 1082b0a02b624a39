using GitOpsGrains.Abstractions.Catalog;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Documents.Parsing;
using GitOpsGrains.Documents.Validation;
using GitOpsGrains.Gateway.Fleet;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GitOpsGrains.Gateway.Rest;

/// <summary>Lists, reads, PUTs and deletes repositories, clusters, projects and credentials of URL prefixes.</summary>
internal static class ThingEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        MapTakeover(api);
        Map(api, "/repositories", CatalogKind.Repository, (fleet, name) => fleet.GetRepositoryAsync(name), (fleet, name) => fleet.DeleteRepositoryAsync(name),
            view => view.Metadata);
        Map(api, "/clusters", CatalogKind.Cluster, (fleet, name) => fleet.GetClusterAsync(name), (fleet, name) => fleet.DeleteClusterAsync(name),
            view => view.Metadata);
        Map(api, "/projects", CatalogKind.Project, (fleet, name) => fleet.GetProjectAsync(name), (fleet, name) => fleet.DeleteProjectAsync(name),
            view => view.Metadata);
        Map(api, "/repositorycredentials", CatalogKind.RepositoryCredentials, (fleet, name) => fleet.GetRepositoryCredentialsAsync(name),
            (fleet, name) => fleet.DeleteRepositoryCredentialsAsync(name), document => document.Metadata);
    }

    private static void MapTakeover(RouteGroupBuilder api) => api.MapPost("/clusters/{name}:takeover", async (FleetFacade fleet, string name) =>
    {
        await fleet.TakeOverClusterAsync(Names.Checked(name));
        return Results.NoContent();
    });

    private static void Map<TView>(
        RouteGroupBuilder api, string path, CatalogKind kind, Func<FleetFacade, string, Task<TView?>> get, Func<FleetFacade, string, Task> delete,
        Func<TView, DocumentMetadata> metadata)
        where TView : class
    {
        var group = api.MapGroup(path);
        group.MapGet("/", async (FleetFacade fleet, [AsParameters] ListQuery query) =>
            Results.Json(await FleetLists.ListAsync(fleet, kind, get, metadata, query), DocumentJson.Rest));
        group.MapGet("/{name}", async (FleetFacade fleet, string name) =>
            await get(fleet, Names.Checked(name)) is { } view ? Results.Json(view, DocumentJson.Rest) : Problems.NotFound($"there is no {kind} {name}"));
        group.MapPut("/{name}", (FleetFacade fleet, AdminPolicy policy, HttpRequest request, string name, CancellationToken cancellationToken) =>
            PutAsync(fleet, policy, request, kind, Names.Checked(name), cancellationToken)).AcceptsDocuments();
        group.MapDelete("/{name}", async (FleetFacade fleet, string name) =>
        {
            if (await get(fleet, Names.Checked(name)) is null) return Problems.NotFound($"there is no {kind} {name}");
            await delete(fleet, name);
            return Results.NoContent();
        });
    }

    /// <summary>One document, which must be the one that the URL names.</summary>
    public static async Task<IResult> PutAsync(
        FleetFacade fleet, AdminPolicy policy, HttpRequest request, CatalogKind kind, string name, CancellationToken cancellationToken)
    {
        var body = await ApplyEndpoint.ReadAsync(request, cancellationToken);
        if (body is null) return Problems.Of(StatusCodes.Status413PayloadTooLarge, "Too large", "the document is too large");
        var parsed = DocumentStream.ParseAndValidate(body.Value, DocumentLimits.Default, policy);
        if (!parsed.IsValid) return Problems.Faults(parsed.Faults);
        if (parsed.Documents is not [var document]) return Problems.Invalid("the body must be exactly one document");
        if (document.Kind != kind.ToString() || FleetFacade.KeyOf(document) != name)
            return Problems.Invalid($"the body is {document.Kind} {FleetFacade.KeyOf(document)}, the address is {kind} {name}");
        return Results.Json((await fleet.ApplyAsync([document], dryRun: false)).Results[0], DocumentJson.Rest);
    }
}
