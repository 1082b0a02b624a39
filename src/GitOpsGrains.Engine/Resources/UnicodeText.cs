using System.Buffers.Text;
using System.Text.Unicode;

namespace GitOpsGrains.Engine.Resources;

/// <summary>
/// Whether all strings of a JSON text are Unicode. A JSON parser takes half of a surrogate pair (RFC 8259 §8.2) and bytes that are
/// no UTF-8 for granted, and throws only when the string is read. Pure.
/// </summary>
internal static class UnicodeText
{
    private const int EscapeLength = 6;

    /// <param name="json">Which a parser has accepted: its escapes are whole.</param>
    public static bool IsWhole(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json)) return false;
        for (var rest = json; rest.IndexOf((byte)'\\') is var at and >= 0;)
        {
            rest = rest[at..];
            if (rest[1] != 'u')
            {
                rest = rest[2..];
                continue;
            }
            var unit = UnitOf(rest);
            rest = rest[EscapeLength..];
            if (!char.IsSurrogate(unit)) continue;
            if (!char.IsHighSurrogate(unit) || !rest.StartsWith("\\u"u8) || !char.IsLowSurrogate(UnitOf(rest))) return false;
            rest = rest[EscapeLength..];
        }
        return true;
    }

    /// <summary>Of "\uXXXX" and what follows.</summary>
    private static char UnitOf(ReadOnlySpan<byte> escape) =>
        Utf8Parser.TryParse(escape.Slice(2, 4), out ushort unit, out _, 'x') ? (char)unit : throw new FormatException("an escape of JSON has four hexadecimal digits");
}
