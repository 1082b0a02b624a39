using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Kubernetes.Answers;

/// <summary>
/// Takes credentials out of messages, and for a request that carries a Secret also everything that the server may have
/// quoted of it: its values as sent and decoded, quoted invalid values, and excerpts of the request.
/// </summary>
internal readonly partial struct SecretMask(bool isSecret, ReadOnlyMemory<byte> body)
{
    private const string Hidden = "***";
    private const int MaxMessage = 2048;
    private const int ShortestValue = 4;

    /// <summary>Shorter lines of a longer value are words that stand elsewhere too: braces, "true".</summary>
    private const int ShortestLine = 8;

    /// <summary>For requests that carry no Secret: only credentials are masked.</summary>
    public static SecretMask None => default;

    public string Apply(string message)
    {
        var masked = isSecret ? WithoutSecret(message) : message;
        masked = ShownText.WithoutTokens(masked);
        return masked.Length <= MaxMessage ? masked : string.Concat(masked.AsSpan(0, MaxMessage), "…");
    }

    private string WithoutSecret(string message)
    {
        // Decoders and the merge code quote raw pieces of the object up to the end of their message.
        var cut = Excerpt().Match(message);
        var masked = cut.Success ? message[..cut.Index].TrimEnd(' ', ',', ':') + ": " + Hidden : message;
        masked = InvalidValue().Replace(masked, $"$1{Hidden}");
        foreach (var value in Values().Distinct().OrderByDescending(value => value.Length))
            masked = masked.Replace(value, Hidden, StringComparison.Ordinal);
        return masked;
    }

    private List<string> Values()
    {
        List<string> values = [];
        try
        {
            var root = JsonElement.Parse(body.Span, new JsonDocumentOptions { MaxDepth = 256 });
            if (root.ValueKind == JsonValueKind.Object)
            {
                foreach (var map in new[] { "data", "stringData" })
                {
                    if (root.TryGetProperty(map, out var entries)) Collect(entries, values);
                }
            }
            else
            {
                Collect(root, values);
            }
        }
        catch (JsonException)
        {
            // A body that is no JSON has no values to look for; the cuts above still apply.
        }

        return values;
    }

    private static void Collect(JsonElement element, List<string> values)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject()) Collect(property.Value, values);
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray()) Collect(item, values);
                break;
            case JsonValueKind.String:
                AddText(element.GetString()!, values);
                break;
            case JsonValueKind.Number:
                AddText(element.GetRawText(), values);
                break;
        }
    }

    private static void AddText(string text, List<string> values)
    {
        if (text.Length < ShortestValue) return;
        AddForms(text, values);
        var decoded = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, decoded, out var length) || length < ShortestValue) return;
        AddForms(Encoding.UTF8.GetString(decoded, 0, length), values);
    }

    /// <summary>As servers and webhooks write it: as it is, as text in quotes, and line by line.</summary>
    private static void AddForms(string text, List<string> values)
    {
        values.Add(text);
        values.Add(JsonEncodedText.Encode(text).Value);
        values.Add(JsonEncodedText.Encode(text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping).Value);
        if (text.Contains('\n', StringComparison.Ordinal))
            values.AddRange(text.Split('\n', StringSplitOptions.TrimEntries).Where(line => line.Length >= ShortestLine));
    }

    [GeneratedRegex(@"error found in #|, bigger context|got &value|\.\.\.\||(?<=[:\s])map\[|""(data|stringData)""\s*:|unrecognized type:|value:\s*\{|cannot restore slice from")]
    private static partial Regex Excerpt();

    [GeneratedRegex(@"(Invalid value: |Unsupported value: |Duplicate value: )(""(\\.|[^""\\])*""|\{[^}]*\}|[^:]*)")]
    private static partial Regex InvalidValue();
}
