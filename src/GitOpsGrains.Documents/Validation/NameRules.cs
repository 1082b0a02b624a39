using System.Text.RegularExpressions;

namespace GitOpsGrains.Documents.Validation;

/// <summary>The alphabets of names.</summary>
public static partial class NameRules
{
    public const int MaxLength = 63;

    /// <summary>A DNS-1123 name of at most 63 characters without "..": what storage keys are made of.</summary>
    public static bool IsKey(string? name) =>
        name is { Length: > 0 and <= MaxLength } && Key().IsMatch(name) && !name.Contains("..", StringComparison.Ordinal);

    /// <summary>A Kubernetes namespace: as a key, without dots.</summary>
    public static bool IsNamespace(string? name) => IsKey(name) && !name!.Contains('.', StringComparison.Ordinal);

    /// <summary>A Kubernetes label or annotation key: <c>name</c> or <c>prefix/name</c>.</summary>
    public static bool IsLabelKey(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        var name = key[(slash + 1)..];
        return name.Length <= MaxLength && LabelName().IsMatch(name)
            && (slash < 0 || (slash is > 0 and <= 253 && Key().IsMatch(key[..slash])));
    }

    public static bool IsLabelValue(string value) => value.Length == 0 || (value.Length <= MaxLength && LabelName().IsMatch(value));

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9.-]*[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Key();

    [GeneratedRegex(@"\A[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex LabelName();
}
