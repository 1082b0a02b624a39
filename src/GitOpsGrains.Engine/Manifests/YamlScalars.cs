using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;
using GitOpsGrains.Engine.Resources;
using SharpYaml;
using SharpYaml.Events;

namespace GitOpsGrains.Engine.Manifests;

/// <summary>
/// What a YAML scalar means, by the rules of kubectl's YAML reader (YAML 1.1): plain yes/no/on/off/y/n are booleans,
/// integers may be octal, hexadecimal or binary and hold underscores, timestamps stay strings.
/// </summary>
internal static partial class YamlScalars
{
    private const string Prefix = "tag:yaml.org,2002:";

    /// <summary>The value, or null and the reason why there is none.</summary>
    /// <param name="isNonSpecific">It has the tag "!" alone: not to be resolved.</param>
    public static TreeScalar? Resolve(Scalar scalar, bool isNonSpecific, out string reason)
    {
        reason = "";
        if (isNonSpecific) return Text(scalar.Value, out reason);
        if (scalar.Tag is { } tag) return Tagged(tag, scalar.Value, out reason);
        return scalar.Style == ScalarStyle.Plain ? Plain(scalar.Value, out reason) : Text(scalar.Value, out reason);
    }

    /// <summary>What a text means where a YAML document has it as it is: a quoted string, or a plain scalar.</summary>
    public static TreeScalar ReadInline(string text)
    {
        if (text.Length >= 2 && text[0] == text[^1] && text[0] is '"' or '\'' && !text[1..^1].AsSpan().ContainsAny(text[0], '\\'))
            return TreeScalar.Of(text[1..^1]);
        return Plain(text, out _) ?? TreeScalar.Of(text);
    }

    public static bool IsMergeKey(Scalar scalar) =>
        scalar.Value == "<<" && (scalar.Tag is null ? scalar.Style == ScalarStyle.Plain : scalar.Tag == Prefix + "merge");

    /// <summary>A mapping's key as JSON has it: always a string.</summary>
    public static string? KeyOf(TreeScalar scalar) => scalar.Kind == ScalarKind.Null ? null : scalar.Text;

    private static TreeScalar? Tagged(string tag, string value, out string reason)
    {
        var name = tag.StartsWith(Prefix, StringComparison.Ordinal) ? tag[Prefix.Length..] : tag;
        switch (name)
        {
            case "str" or "timestamp":
                return Text(value, out reason);
            case "binary":
                return Binary(value, out reason);
            case "int" or "float" or "bool" or "null":
                var resolved = Plain(value, out reason);
                var fits = resolved is not null && name switch
                {
                    "null" => resolved.Kind == ScalarKind.Null,
                    "bool" => resolved.Kind is ScalarKind.True or ScalarKind.False,
                    "int" => resolved.Kind == ScalarKind.Number && !resolved.Text.AsSpan().ContainsAny(".e"),
                    _ => resolved.Kind == ScalarKind.Number,
                };
                if (!fits && reason.Length == 0) reason = $"the value is not a !!{name}";
                return fits ? resolved : null;
            default:
                reason = $"the tag {(tag.StartsWith(Prefix, StringComparison.Ordinal) ? "!!" + name : tag)} is not known";
                return null;
        }
    }

    private static TreeScalar? Plain(string value, out string reason)
    {
        reason = "";
        if (value.Length == 0) return TreeScalar.Null;
        switch (value[0])
        {
            case 'y' or 'Y' or 'n' or 'N' or 't' or 'T' or 'f' or 'F' or 'o' or 'O' or '~':
                return Word(value) ?? Text(value, out reason);
            case '.' or '+' or '-' or (>= '0' and <= '9'):
                if (value is ".nan" or ".NaN" or ".NAN" || Infinity().IsMatch(value))
                {
                    reason = "JSON has no infinity and no NaN";
                    return null;
                }

                return Numeric(value, out reason) ?? (reason.Length > 0 ? null : Text(value, out reason));
            default:
                return Text(value, out reason);
        }
    }

    private static TreeScalar? Word(string value) => value switch
    {
        "y" or "Y" or "yes" or "Yes" or "YES" or "true" or "True" or "TRUE" or "on" or "On" or "ON" => TreeScalar.True,
        "n" or "N" or "no" or "No" or "NO" or "false" or "False" or "FALSE" or "off" or "Off" or "OFF" => TreeScalar.False,
        "~" or "null" or "Null" or "NULL" => TreeScalar.Null,
        _ => null,
    };

    private static TreeScalar? Numeric(string value, out string reason)
    {
        reason = "";
        if (value.Length <= 18 && long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var quick)
            && !(value.TrimStart('+', '-') is ['0', _, ..]))
            return TreeScalar.Number(quick.ToString(CultureInfo.InvariantCulture));

        var text = value[0] == '.' ? value : value.Replace("_", "", StringComparison.Ordinal);
        if (text.Length == 0) return null;
        if (Integer(text) is { } integer && integer >= long.MinValue && integer <= ulong.MaxValue)
            return TreeScalar.Number(integer.ToString(CultureInfo.InvariantCulture));
        if (!Float().IsMatch(text)) return null;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && JsonNumber.FromDouble(number) is { } canonical)
            return TreeScalar.Number(canonical);
        return null;
    }

    private static BigInteger? Integer(string text)
    {
        var negative = text[0] == '-';
        var digits = text.AsSpan(text[0] is '-' or '+' ? 1 : 0);
        // No 64-bit integer is longer, in whatever base; longer ones are floats or text.
        if (digits.Length is 0 or > 66) return null;
        var radix = 10;
        if (digits.Length > 1 && digits[0] == '0')
        {
            (radix, var prefix) = digits[1] switch
            {
                'x' or 'X' => (16, 2),
                'b' or 'B' => (2, 2),
                'o' or 'O' => (8, 2),
                >= '0' and <= '9' => (8, 1),
                _ => (0, 0),
            };
            if (radix == 0) return null;
            digits = digits[prefix..];
        }

        if (digits.Length == 0) return null;
        BigInteger value = 0;
        foreach (var digit in digits)
        {
            var number = char.IsAsciiHexDigit(digit) ? Convert.ToInt32(digit.ToString(), 16) : radix;
            if (number >= radix) return null;
            value = value * radix + number;
        }

        return negative ? -value : value;
    }

    private static TreeScalar? Text(string value, out string reason)
    {
        reason = IsUnicode(value) ? "" : "a string is not Unicode";
        return reason.Length == 0 ? TreeScalar.Of(value) : null;
    }

    private static bool IsUnicode(string value)
    {
        var rest = value.AsSpan();
        while (true)
        {
            var at = rest.IndexOfAnyInRange('\ud800', '\udfff');
            if (at < 0) return true;
            if (at + 1 >= rest.Length || !char.IsSurrogatePair(rest[at], rest[at + 1])) return false;
            rest = rest[(at + 2)..];
        }
    }

    private static TreeScalar? Binary(string value, out string reason)
    {
        reason = "";
        var bytes = new byte[value.Length];
        if (!Convert.TryFromBase64String(value, bytes, out var length))
        {
            reason = "the value of a !!binary is not base64";
            return null;
        }

        if (System.Text.Unicode.Utf8.IsValid(bytes.AsSpan(0, length))) return TreeScalar.Of(Encoding.UTF8.GetString(bytes, 0, length));
        reason = "the value of a !!binary is not UTF-8, and JSON holds nothing else";
        return null;
    }

    [GeneratedRegex(@"^[-+]?\.(inf|Inf|INF)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Infinity();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Float();
}
