using System.Buffers;

namespace GitOpsGrains.Documents.Validation;

/// <summary>Git's own rules for the names of branches, tags and refs.</summary>
public static class RefSyntax
{
    public const int MaxLength = 250;
    internal const string NoRef = "not a branch, tag, ref or commit id";

    private static readonly SearchValues<char> RangeChars = SearchValues.Create("<>=^~*|, ");

    /// <summary>Why the text names no commit, branch, tag or ref; null when it may name one.</summary>
    public static string? Fault(string value) =>
        value.Length == 0 ? "required"
        : value.Length > MaxLength ? $"longer than {MaxLength} characters"
        : value.Any(char.IsControl) || IsRange(value) || !IsRef(value) ? NoRef
        : null;

    /// <summary>What a range of versions looks like can't be a ref.</summary>
    internal static bool IsRange(string value) => value.AsSpan().ContainsAny(RangeChars);

    internal static bool IsRef(string value) =>
        !(value.AsSpan().ContainsAny("?[:\\\u007f") || value.StartsWith('-') || value.StartsWith('/') || value.EndsWith('/') || value.EndsWith('.')
            || value.EndsWith(".lock", StringComparison.Ordinal) || value.Contains("..", StringComparison.Ordinal) || value.Contains("//", StringComparison.Ordinal)
            || value.Contains("@{", StringComparison.Ordinal));
}
