using GitOpsGrains.Documents.Json;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Gateway.Fleet;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GitOpsGrains.Gateway.Rest;

/// <summary><c>GET /api/v1/silos</c>: what each silo holds.</summary>
internal static class SiloEndpoint
{
    public static void Map(RouteGroupBuilder api) => api.MapGet("/silos", async (SiloFacade silos, CancellationToken cancellationToken) =>
        Results.Json(new ListView<SiloView> { Items = await silos.ListAsync(cancellationToken) }, DocumentJson.Rest));
}
