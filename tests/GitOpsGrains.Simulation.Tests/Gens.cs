using System.Text;
using CsCheck;

namespace GitOpsGrains.Simulation.Tests;

/// <summary>Values that properties are tried on.</summary>
internal static class Gens
{
    private static readonly string[] Letters = ["a", "Z", "0", " ", "-", "/", "\\\"", "\\\\", "\\/", "\\n", "\\u0000", "\\u001f", "\\u00e4", "ä", "\\u2028", "中", "\\ud83d\\ude00", "😀", "<", "&", "\u007f", "\ufeff"];

    private static readonly string[] Numbers = ["0", "-0", "1", "-1", "7", "65535", "2147483648", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "0.5", "1.50", "1e3", "1E-3", "-12.25e+2", "1e308"];

    /// <summary>JSON of a text, its letters plain or escaped.</summary>
    public static readonly Gen<string> Text = AnyOf(Letters).Array[0, 12].Select(static letters => $"\"{string.Concat(letters)}\"");

    public static readonly Gen<string> Name = AnyOf("a", "b", "name", "f:spec", "", "ä", "\\u00e4\\n", "x/y").Select(static name => $"\"{name}\"");

    /// <summary>JSON of any value; names of a map are its own, white space is anywhere.</summary>
    public static readonly Gen<string> Json = Of(4);

    public static Gen<T> AnyOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static Gen<string> Of(int depth)
    {
        var leaf = Gen.Frequency((4, Text), (3, AnyOf(Numbers)), (2, AnyOf("true", "false", "null")));
        if (depth == 0) return leaf;
        var child = Of(depth - 1);
        var space = AnyOf("", "", " ", "\n\t", "\r\n");
        var list = Gen.Select(child.Array[0, 5], space, static (items, gap) => $"[{gap}{string.Join($",{gap}", items)}{gap}]");
        var map = Gen.Select(Gen.Select(Name, child).Array[0, 6], space, Gen.Frequency((9, Gen.Const(0)), (1, Gen.Const(40))), static (entries, gap, more) =>
        {
            // Some maps are wide: those find their names in another way.
            var distinct = entries.DistinctBy(static entry => entry.Item1 == "\"\\u00e4\\n\"" ? "ä\n" : entry.Item1).Select(entry => $"{entry.Item1}{gap}:{gap}{entry.Item2}")
                .Concat(Enumerable.Range(0, more).Select(static number => $"\"wide{number}\":{number}"));
            return $"{{{gap}{string.Join($"{gap},", distinct)}{gap}}}";
        });
        return Gen.Frequency((2, leaf), (2, list), (3, map));
    }
}
