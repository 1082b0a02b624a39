using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Semver;

namespace GitOpsGrains.Documents;

/// <summary>
/// A range of semantic versions in npm's notation (<c>&gt;=1.2.0 &lt;2.0.0</c>, <c>~1.2</c>, <c>^1</c>, <c>1.x</c>,
/// <c>*</c>, <c>1.2 - 1.4</c>, alternatives with <c>||</c>; a comma is a space, as Argo CD and Flux write it).
/// Prereleases are in an alternative that itself names one: <c>*-0</c>, <c>^1-0</c>, <c>&gt;=1.2.0-rc.1</c>.
/// </summary>
public sealed partial class VersionRange
{
    public const int MaxLength = 250;
    private const int MaxAlternatives = 20;

    private static readonly SearchValues<char> Signs = SearchValues.Create("<>=^~*|, ");

    private readonly SemVersionRange[] _alternatives;

    private VersionRange(SemVersionRange[] alternatives) => _alternatives = alternatives;

    /// <summary>Whether the text can only be meant as a range, or is written as one ("1.x"): such names of branches need refs/heads/.</summary>
    public static bool LooksLikeOne(string text) => text.AsSpan().ContainsAny(Signs) || Wildcard().IsMatch(text);

    public static bool TryParse(string text, [NotNullWhen(true)] out VersionRange? range)
    {
        range = null;
        if (text.Length > MaxLength || string.IsNullOrWhiteSpace(text)) return false;
        var parts = text.Split("||");
        if (parts.Length > MaxAlternatives) return false;
        var alternatives = new SemVersionRange[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            var comparators = parts[i].Replace(',', ' ').Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var prereleases = Array.Exists(comparators, comparator => comparator.Length > 1 && comparator.Contains('-', StringComparison.Ordinal));
            var npm = string.Join(' ', comparators.Select(WithoutEndOfPartial));
            if (npm.Length == 0 || !SemVersionRange.TryParseNpm(npm, prereleases, out var alternative, MaxLength)) return false;
            alternatives[i] = alternative;
        }
        range = new VersionRange(alternatives);
        return true;
    }

    /// <summary>
    /// The highest of the tags whose names, without the prefix and a "v", are versions in the range; several when they name
    /// the same version ("1.0.0" and "v1.0.0").
    /// </summary>
    /// <param name="prefix">Tags without it are not looked at.</param>
    public (IReadOnlyList<string> Highest, int LookedAt) Choose(IEnumerable<string> tags, string prefix)
    {
        SemVersion? best = null;
        var highest = new List<string>();
        var lookedAt = 0;
        foreach (var tag in tags)
        {
            if (!tag.StartsWith(prefix, StringComparison.Ordinal)) continue;
            lookedAt++;
            if (!SemVersion.TryParse(tag[prefix.Length..], SemVersionStyles.AllowLowerV, out var version) || !Contains(version)) continue;
            var order = best is null ? 1 : version.CompareSortOrderTo(best);
            if (order < 0) continue;
            if (order > 0) highest.Clear();
            best = version;
            highest.Add(tag);
        }
        return (highest, lookedAt);
    }

    public bool Contains(string version) => SemVersion.TryParse(version, SemVersionStyles.AllowLowerV, out var parsed) && Contains(parsed);

    private bool Contains(SemVersion version) => Array.Exists(_alternatives, alternative => alternative.Contains(version));

    /// <summary>"1.x", "v1.2.*": a version with an x in place of a number.</summary>
    [GeneratedRegex(@"^v?[0-9]+(\.[0-9]+)?\.[xX](\.[xX])?(-0)?$")]
    private static partial Regex Wildcard();

    /// <summary>"^1-0" as "^1": npm's notation has no "-0" behind less than three numbers.</summary>
    private static string WithoutEndOfPartial(string comparator)
    {
        if (!comparator.EndsWith("-0", StringComparison.Ordinal)) return comparator;
        var version = comparator[..^2];
        return version.Count(character => character == '.') < 2 || version.AsSpan().ContainsAny("xX*") ? version : comparator;
    }
}
