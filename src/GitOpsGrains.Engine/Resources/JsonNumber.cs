using System.Globalization;

namespace GitOpsGrains.Engine.Resources;

/// <summary>
/// The canonical text of numbers, as kubectl sends them: integers without leading zeros or sign of zero, everything
/// else as the shortest decimal that reads back as the same double.
/// </summary>
public static class JsonNumber
{
    /// <summary>From the text of a JSON number. Null when it is outside the range of a double.</summary>
    public static string? FromJson(ReadOnlySpan<byte> json)
    {
        if (System.Buffers.Text.Utf8Parser.TryParse(json, out long integer, out var read) && read == json.Length)
            return integer.ToString(CultureInfo.InvariantCulture);
        if (json.IndexOfAny("eE."u8) < 0) return System.Text.Encoding.ASCII.GetString(json);
        return double.TryParse(json, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? FromDouble(value) : null;
    }

    /// <summary>Null for infinities and NaN, which JSON has no words for.</summary>
    public static string? FromDouble(double value)
    {
        if (!double.IsFinite(value)) return null;
        if (value == 0) return "0";
        var magnitude = Math.Abs(value);
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        var exponentAt = text.IndexOf('E', StringComparison.Ordinal);
        if (magnitude is >= 1e-6 and < 1e21) return exponentAt < 0 ? text : Plain(text, exponentAt);
        return Exponential(text);
    }

    private static string Plain(string text, int exponentAt)
    {
        var negative = text[0] == '-';
        var mantissa = text.AsSpan(negative ? 1 : 0, exponentAt - (negative ? 1 : 0));
        var exponent = int.Parse(text.AsSpan(exponentAt + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var point = mantissa.IndexOf('.');
        var digits = mantissa.ToString().Replace(".", "", StringComparison.Ordinal);
        var position = (point < 0 ? mantissa.Length : point) + exponent;
        var plain = position <= 0
            ? "0." + new string('0', -position) + digits
            : position >= digits.Length ? digits.PadRight(position, '0') : digits[..position] + "." + digits[position..];
        return negative ? "-" + plain : plain;
    }

    /// <summary>"1E-07" becomes "1e-7" and "1E+21" stays "1e+21".</summary>
    private static string Exponential(string text)
    {
        var at = text.IndexOf('E', StringComparison.Ordinal);
        var exponent = int.Parse(text.AsSpan(at + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var sign = exponent < 0 ? "-" : "+";
        return string.Create(CultureInfo.InvariantCulture, $"{text.AsSpan(0, at)}e{sign}{Math.Abs(exponent)}");
    }
}
