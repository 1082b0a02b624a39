using System.Text.RegularExpressions;

namespace GitOpsGrains.Simulation.Discovery;

/// <summary>As servers prefer versions: v2, v1, v1beta2, v1beta1, v1alpha1, then all others by name.</summary>
internal sealed partial class VersionOrder : IComparer<string>
{
    public static readonly VersionOrder Instance = new();

    public int Compare(string? x, string? y)
    {
        var (left, right) = (Rank(x!), Rank(y!));
        var order = right.CompareTo(left);
        return order != 0 ? order : string.CompareOrdinal(x, y);
    }

    private static (int Stability, int Major, int Minor) Rank(string version)
    {
        var match = Pattern().Match(version);
        if (!match.Success) return (0, 0, 0);
        var stability = match.Groups["stability"].Value switch { "" => 3, "beta" => 2, _ => 1 };
        return (stability, int.Parse(match.Groups["major"].ValueSpan, null), match.Groups["minor"].Success ? int.Parse(match.Groups["minor"].ValueSpan, null) : 0);
    }

    [GeneratedRegex(@"^v(?<major>\d{1,6})(?:(?<stability>alpha|beta)(?<minor>\d{1,6}))?\z")]
    private static partial Regex Pattern();
}
