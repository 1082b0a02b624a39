using System.Text.Json;
using System.Text.Json.Serialization;
using GitOpsGrains.Abstractions;
using GitOpsGrains.Documents.Json;
using Microsoft.AspNetCore.Http;

namespace GitOpsGrains.Gateway.Rest;

/// <summary>
/// The JSON bodies of commands, all of whose members may be left out, and the body as well. An unknown member is refused: a
/// misspelt <c>objects</c> must not become a sync of everything.
/// </summary>
internal static class CommandBody
{
    private const int MaxBytes = 512 * 1024;
    private static readonly JsonSerializerOptions Strict = new(DocumentJson.Rest) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    /// <summary>Errors: <see cref="GrainRefusedException"/> (Invalid) for a body that is none.</summary>
    /// <param name="what">What the body should be, for people.</param>
    public static async Task<T> ReadAsync<T>(HttpRequest request, string what, CancellationToken cancellationToken)
        where T : new()
    {
        // One byte more than is allowed or announced: a body that fills it is too long.
        var body = new byte[Math.Min(request.ContentLength ?? MaxBytes, MaxBytes) + 1];
        var length = await request.Body.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, cancellationToken);
        if (length == body.Length || request.ContentLength > MaxBytes) throw Invalid($"the body is no {what}: more than {MaxBytes} bytes");
        if (length == 0) return new T();
        try
        {
            return JsonSerializer.Deserialize<T>(body.AsSpan(0, length), Strict) ?? new T();
        }
        catch (JsonException ex)
        {
            throw Invalid($"the body is no {what}: {ex.Path}");
        }
    }

    private static GrainRefusedException Invalid(string message) => new(RefusalKind.Invalid, message);
}
