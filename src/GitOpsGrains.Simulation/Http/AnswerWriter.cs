using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Clusters;
using GitOpsGrains.Simulation.Objects;
using GitOpsGrains.Simulation.Schemas;
using GitOpsGrains.Simulation.Tables;
using Microsoft.AspNetCore.Http;

namespace GitOpsGrains.Simulation.Http;

/// <summary>Writes answers.</summary>
internal static class AnswerWriter
{
    /// <summary>Whether the client asks for metadata alone.</summary>
    public static bool WantsMetadata(HttpRequest request)
    {
        foreach (var header in request.Headers.Accept)
            if (header?.Contains("as=PartialObjectMetadata", StringComparison.Ordinal) == true) return true;
        return false;
    }

    /// <summary>Whether the client asks for a table, and what of each object shall go with it.</summary>
    public static RowObject? WantsTable(HttpRequest request)
    {
        foreach (var header in request.Headers.Accept)
        {
            if (header?.Contains("as=Table", StringComparison.Ordinal) != true) continue;
            return request.Query["includeObject"].ToString() switch
            {
                "Object" => RowObject.Object,
                "None" => RowObject.None,
                _ => RowObject.Metadata,
            };
        }

        return null;
    }

    public static async Task WriteObjectAsync(HttpContext context, StoredObject stored, ResourceKind kind, DateTimeOffset now, int status = 200)
    {
        if (WantsTable(context.Request) is { } included)
        {
            await WriteNodeAsync(context, Table.Of(kind, [stored], included, Table.Metadata(stored.Version), now), status);
            return;
        }

        var isMetadata = WantsMetadata(context.Request);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = isMetadata ? stored.WrittenMetadataSize : stored.WrittenSize(kind);
        var output = context.Response.BodyWriter;
        if (isMetadata) stored.WriteMetadataTo(output);
        else stored.WriteTo(output, kind);
        await output.FlushAsync(context.RequestAborted);
    }

    public static Task WriteNodeAsync(HttpContext context, JsonNode node, int status = 200, string type = "application/json") =>
        WriteBytesAsync(context, node.ToUtf8(), status, type);

    public static Task WriteRefusalAsync(HttpContext context, ApiException refusal) => WriteNodeAsync(context, refusal.ToStatus(), refusal.Code);

    public static async Task WriteTextAsync(HttpContext context, string text, int status = 200)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(text, context.RequestAborted);
    }

    private static async Task WriteBytesAsync(HttpContext context, ReadOnlyMemory<byte> body, int status, string type = "application/json")
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }
}
