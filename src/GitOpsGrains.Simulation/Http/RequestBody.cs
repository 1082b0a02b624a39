using GitOpsGrains.Simulation.Objects;
using Microsoft.AspNetCore.Http;

namespace GitOpsGrains.Simulation.Http;

/// <summary>Reads a body of at most 3 MB, as a server's store would take.</summary>
internal static class RequestBody
{
    private const int MaxBytes = Clusters.StoredObject.MaxBytes;

    /// <summary>Errors: 413.</summary>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext context)
    {
        if (context.Request.ContentLength > MaxBytes) throw ApiException.TooLarge(MaxBytes);
        var body = new byte[context.Request.ContentLength ?? 4096];
        var length = 0;
        while (true)
        {
            if (length == body.Length && context.Request.ContentLength == length) break;
            if (length == body.Length) Array.Resize(ref body, length * 2);
            var read = await context.Request.Body.ReadAsync(body.AsMemory(length), context.RequestAborted);
            if (read == 0) break;
            length += read;
            if (length > MaxBytes) throw ApiException.TooLarge(MaxBytes);
        }

        return body.AsMemory(0, length);
    }
}
