using GitOpsGrains.Documents.Json;
using GitOpsGrains.Gateway.Fleet;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace GitOpsGrains.Gateway.Rest;

/// <summary><c>POST /api/v1/apply</c>: a stream of documents, checked whole before anything is stored.</summary>
internal static class ApplyEndpoint
{
    public static void Map(RouteGroupBuilder api) => api.MapPost("/apply", ApplyAsync)
        .WithSummary("Stores a stream of documents, or with dryRun says what would be stored")
        .AcceptsDocuments();

    /// <summary>Any other Content-Type is answered with 415; none at all is taken for YAML.</summary>
    internal static RouteHandlerBuilder AcceptsDocuments(this RouteHandlerBuilder endpoint) =>
        endpoint.Accepts<string>("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml", "text/plain", "application/json");

    public static async Task<IResult> ApplyAsync(HttpRequest request, DocumentIntake intake, bool? dryRun, CancellationToken cancellationToken) =>
        Results.Json(await intake.ApplyAsync(await ReadAsync(request, cancellationToken), dryRun ?? false), DocumentJson.Rest);

    /// <summary>Errors: <see cref="RequestTooLargeException"/> as soon as that is seen.</summary>
    internal static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var limit = DocumentIntake.MaxBytes;
        if (request.ContentLength > limit) throw DocumentIntake.TooLarge();
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature) feature.MaxRequestBodySize = limit + 1;
        using var buffer = new MemoryStream();
        var chunk = new byte[64 * 1024];
        int read;
        while ((read = await request.Body.ReadAsync(chunk, cancellationToken)) > 0)
        {
            if (buffer.Length + read > limit) throw DocumentIntake.TooLarge();
            buffer.Write(chunk, 0, read);
        }
        return buffer.ToArray();
    }
}
