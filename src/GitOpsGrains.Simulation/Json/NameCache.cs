using System.Text;

namespace GitOpsGrains.Simulation.Json;

/// <summary>
/// Strings of names that come again and again, found by their bytes. Each place holds the last name that fell on it, so that
/// nobody can fill it; what is not found is made anew.
/// </summary>
internal static class NameCache
{
    private const int Places = 8192;
    private const int Longest = 64;

    private static readonly string?[] Names = new string?[Places];
    private static readonly string?[] Steps = new string?[Places];

    public static string Get(ReadOnlySpan<byte> name)
    {
        if (name.Length is 0 or > Longest) return Encoding.UTF8.GetString(name);
        ref var place = ref Names[Hash(name)];
        if (place is { } known && Ascii.Equals(name, known)) return known;
        var text = Encoding.UTF8.GetString(name);
        place = text;
        return text;
    }

    /// <summary>"f:" and the name.</summary>
    public static string Step(string name)
    {
        if (name.Length is 0 or > Longest) return "f:" + name;
        ref var place = ref Steps[Hash(name)];
        if (place is { } known && known.AsSpan(2).SequenceEqual(name)) return known;
        var step = "f:" + name;
        place = step;
        return step;
    }

    private static uint Hash(ReadOnlySpan<byte> name)
    {
        var hash = (uint)name.Length;
        foreach (var letter in name) hash = (hash * 31) + letter;
        return (hash ^ (hash >> 13)) % Places;
    }

    private static uint Hash(string name)
    {
        var hash = (uint)name.Length;
        foreach (var letter in name) hash = (hash * 31) + letter;
        return (hash ^ (hash >> 13)) % Places;
    }
}
