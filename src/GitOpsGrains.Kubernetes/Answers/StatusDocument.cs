using System.Text.Json;

namespace GitOpsGrains.Kubernetes.Answers;

/// <summary>What a Kubernetes "Status" document, or a server's plain text, says about a refusal.</summary>
/// <param name="Code">The status code inside the document; 0 if it has none. Only watch errors need it.</param>
/// <param name="CauseFields">The fields that the server names, such as "metadata.uid".</param>
internal sealed record StatusDocument(int Code, string Reason, string Message, TimeSpan? RetryAfter, IReadOnlyList<string> CauseFields)
{
    public static StatusDocument Parse(ReadOnlySpan<byte> body)
    {
        try
        {
            return From(JsonElement.Parse(body, new JsonDocumentOptions { MaxDepth = 64 }));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Proxies and aggregated servers answer in plain text or HTML, and strings need not be Unicode.
            return new StatusDocument(0, "", System.Text.Encoding.UTF8.GetString(body[..Math.Min(body.Length, 512)]).Trim(), null, []);
        }
    }

    public static StatusDocument From(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object) return new StatusDocument(0, "", "", null, []);
        var code = root.TryGetProperty("code", out var number) && number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out var value) ? value : 0;
        var retryAfter = default(TimeSpan?);
        List<string> fields = [];
        if (root.TryGetProperty("details", out var details) && details.ValueKind == JsonValueKind.Object)
        {
            if (details.TryGetProperty("retryAfterSeconds", out var seconds) && seconds.ValueKind == JsonValueKind.Number
                && seconds.TryGetInt32(out var wait) && wait > 0) retryAfter = TimeSpan.FromSeconds(wait);
            if (details.TryGetProperty("causes", out var causes) && causes.ValueKind == JsonValueKind.Array)
                fields.AddRange(causes.EnumerateArray().Select(cause => Text(cause, "field")));
        }

        return new StatusDocument(code, Text(root, "reason"), Text(root, "message"), retryAfter, fields);
    }

    private static string Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()! : "";
}
