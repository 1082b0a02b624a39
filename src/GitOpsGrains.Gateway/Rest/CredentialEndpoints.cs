using GitOpsGrains.Documents.Json;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Gateway.Fleet;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GitOpsGrains.Gateway.Rest;

/// <summary>Stored credentials: names and prefixes are listed, values are only taken.</summary>
internal static class CredentialEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/credentials");
        group.MapGet("/", async (CredentialFacade credentials) =>
            Results.Json(new ListView<CredentialView> { Items = await credentials.ListAsync() }, DocumentJson.Rest));
        group.MapGet("/{name}", async (CredentialFacade credentials, string name) =>
            Results.Json(await credentials.GetAsync(Names.Checked(name)) ?? throw Absent.Credential(name), DocumentJson.Rest));
        group.MapPut("/{name}", async (CredentialFacade credentials, HttpRequest request, string name, CancellationToken cancellationToken) =>
            Results.Json(await credentials.PutAsync(Names.Checked(name), await CommandBody.ReadAsync<CredentialRequest>(request, "credential", cancellationToken)), DocumentJson.Rest))
            .Accepts<CredentialRequest>("application/json");
        group.MapDelete("/{name}", async (CredentialFacade credentials, string name) =>
        {
            await credentials.DeleteAsync(Names.Checked(name));
            return Results.NoContent();
        });
    }
}
