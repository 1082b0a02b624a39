using GitOpsGrains.Simulation.Objects;
using Microsoft.AspNetCore.Http;

namespace GitOpsGrains.Simulation.Http;

/// <summary>Reads a body of at most 3 MB, as a server's store would take.</summary>
internal static class RequestBody
{
    private const int MaxBytes = 3 * 1024 * 1024;

    /// <summary>Errors: 413.</summary>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext context)
    {
        if (context.Request.ContentLength > MaxBytes) throw TooLarge();
        var body = new MemoryStream((int)(context.Request.ContentLength ?? 4096));
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
        {
            body.Write(buffer, 0, read);
            if (body.Length > MaxBytes) throw TooLarge();
        }

        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    private static ApiException TooLarge() => new(413, "RequestEntityTooLarge", $"Request entity too large: limit is {MaxBytes}");
}
