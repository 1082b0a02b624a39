using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace GitOpsGrains.Documents.Parsing;

/// <summary>What a plain scalar of YAML is, by the rules that kubectl follows (YAML 1.1, without y and n).</summary>
internal static partial class YamlScalars
{
    /// <summary>Null, a boolean or a number where the text is one; else the text itself.</summary>
    public static JsonNode? Resolve(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => null,
        "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON" => JsonValue.Create(true),
        "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF" => JsonValue.Create(false),
        _ => Number(text) ?? JsonValue.Create(text),
    };

    /// <summary>Whether the text must be quoted to stay a string.</summary>
    public static bool IsString(string text) => Resolve(text) is JsonValue value && value.TryGetValue<string>(out _);

    private static JsonValue? Number(string text)
    {
        if (!char.IsAsciiDigit(text[0]) && text[0] is not ('+' or '-' or '.')) return null;
        if (text.Length > 100) return null;
        if (Decimal().IsMatch(text) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)) return JsonValue.Create(whole);
        if (BasedNumber(text) is { } based) return JsonValue.Create(based);
        return Float().IsMatch(text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? JsonValue.Create(number)
            : null;
    }

    private static long? BasedNumber(string text)
    {
        if (Based().Match(text) is not { Success: true } match) return null;
        var digits = match.Groups[2].Value;
        var style = match.Groups[1].Value switch { "0x" => 16, "0b" => 2, _ => 8 };
        try
        {
            return Convert.ToInt64(digits, style);
        }
        catch (Exception refused) when (refused is FormatException or OverflowException or ArgumentException)
        {
            return null;
        }
    }

    [GeneratedRegex("^[-+]?(0|[1-9][0-9]*)$", RegexOptions.CultureInvariant)]
    private static partial Regex Decimal();

    [GeneratedRegex("^(0x|0b|0o|0)([0-9a-fA-F]+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Based();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Float();
}
