using GitOpsGrains.Documents.Json;
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
        Map(api, "/repositories", Things.Repositories);
        Map(api, "/clusters", Things.Clusters);
        Map(api, "/projects", Things.Projects);
        Map(api, "/repositorycredentials", Things.RepositoryCredentials);
    }

    private static void MapTakeover(RouteGroupBuilder api) => api.MapPost("/clusters/{name}:takeover", async (FleetFacade fleet, string name) =>
    {
        await fleet.TakeOverClusterAsync(Names.Checked(name));
        return Results.NoContent();
    });

    private static void Map<TView>(RouteGroupBuilder api, string path, Thing<TView> things)
        where TView : class
    {
        var group = api.MapGroup(path);
        group.MapGet("/", async (FleetFacade fleet, [AsParameters] ListQuery query) => Results.Json(await things.ListAsync(fleet, query), DocumentJson.Rest));
        group.MapGet("/{name}", async (FleetFacade fleet, string name) => Results.Json(await things.GetAsync(fleet, name), DocumentJson.Rest));
        group.MapPut("/{name}", async (DocumentIntake intake, HttpRequest request, string name, CancellationToken cancellationToken) =>
            Results.Json(await intake.PutAsync(things.Kind, Names.Checked(name), await ApplyEndpoint.ReadAsync(request, cancellationToken)), DocumentJson.Rest)).AcceptsDocuments();
        group.MapDelete("/{name}", async (FleetFacade fleet, string name) =>
        {
            await things.DeleteAsync(fleet, name);
            return Results.NoContent();
        });
    }
}
