using System.Text.Json;

namespace GitOpsGrains.Engine.Resources;

/// <summary>
/// JSON that this process wrote, or a server's that it has read before: as deep as the limits of either let through, for which
/// .NET's own limit of 64 levels is too small.
/// </summary>
public static class TrustedJson
{
    public const int MaxDepth = 1000;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = MaxDepth };

    public static JsonElement Parse(ReadOnlySpan<byte> json) => JsonElement.Parse(json, Options);

    /// <summary>Without a copy of the bytes, which must stay as they are until it is disposed of.</summary>
    public static JsonDocument ParseInPlace(ReadOnlyMemory<byte> json) => JsonDocument.Parse(json, Options);
}
