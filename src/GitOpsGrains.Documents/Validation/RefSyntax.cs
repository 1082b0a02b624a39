using System.Buffers;

namespace GitOpsGrains.Documents.Validation;

/// <summary>Git's own rules for the names of branches, tags and refs, and ranges of versions in their place.</summary>
public static class RefSyntax
{
    public const int MaxLength = 250;
    internal const string NoRef = "not a branch, tag, ref, commit id or range of versions";

    private static readonly SearchValues<char> NotInTags = SearchValues.Create(" ~^:?*[\\\u007f");

    /// <summary>Why the text names no commit, branch, tag, ref or range of versions; null when it may name one.</summary>
    public static string? Fault(string value) =>
        value.Length == 0 ? "required"
        : value.Length > MaxLength ? $"longer than {MaxLength} characters"
        : value.StartsWith('-') || value.Any(char.IsControl) ? NoRef
        : VersionRange.LooksLikeOne(value) ? VersionRange.TryParse(value, out _) ? null : "not a range of versions, for example '>=1.2.0 <2.0.0', '~1.2' or '1.x'"
        : IsRef(value) ? null
        : NoRef;

    /// <summary>Why a branch can't have this short name; null when it can.</summary>
    public static string? BranchFault(string value) =>
        value.Length > MaxLength ? $"longer than {MaxLength} characters"
        : value.Length == 0 || value.Any(char.IsControl) || value.AsSpan().ContainsAny(NotInTags) || !IsRef(value) || value.StartsWith("refs/", StringComparison.Ordinal) || value == "HEAD"
            ? "not the short name of a branch, such as rollback/web"
            : null;

    /// <summary>Whether tags can begin so.</summary>
    internal static bool IsTagPrefix(string value) =>
        !(value.AsSpan().ContainsAny(NotInTags) || value.StartsWith('-') || value.StartsWith('/')
            || value.Contains("..", StringComparison.Ordinal) || value.Contains("//", StringComparison.Ordinal) || value.Contains("@{", StringComparison.Ordinal));

    private static bool IsRef(string value) =>
        !(value.AsSpan().ContainsAny("?[:\\\u007f") || value.StartsWith('-') || value.StartsWith('/') || value.EndsWith('/') || value.EndsWith('.')
            || value.EndsWith(".lock", StringComparison.Ordinal) || value.Contains("..", StringComparison.Ordinal) || value.Contains("//", StringComparison.Ordinal)
            || value.Contains("@{", StringComparison.Ordinal));
}
