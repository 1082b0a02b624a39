using System.Text.RegularExpressions;

namespace GitOpsGrains.Abstractions.Identity;

/// <summary>
/// The alphabet of grain keys, fixed because keys are part of every storage key: at most three DNS-1123 segments of
/// at most 63 characters, joined by '/'.
/// </summary>
public static partial class GrainKeys
{
    public const int MaxSegmentLength = 63;

    public static bool IsSegment(string? name) =>
        name is { Length: > 0 and <= MaxSegmentLength } && Segment().IsMatch(name) && !name.Contains("..", StringComparison.Ordinal);

    public static string Application(string project, string name) => Join(project, name);

    public static string Target(string project, string application, string cluster) => Join(project, application, cluster);

    public static (string Project, string Name) ParseApplication(string key)
    {
        var parts = key.Split('/');
        return parts.Length == 2 ? (parts[0], parts[1]) : throw new ArgumentException($"'{key}' is not project/name", nameof(key));
    }

    public static (string Project, string Application, string Cluster) ParseTarget(string key)
    {
        var parts = key.Split('/');
        return parts.Length == 3
            ? (parts[0], parts[1], parts[2])
            : throw new ArgumentException($"'{key}' is not project/name/cluster", nameof(key));
    }

    private static string Join(params ReadOnlySpan<string> segments)
    {
        foreach (var segment in segments)
            if (!IsSegment(segment))
                throw new ArgumentException($"'{segment}' is not a DNS-1123 name of at most {MaxSegmentLength} characters", nameof(segments));
        return string.Join('/', segments!);
    }

    [GeneratedRegex("^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$", RegexOptions.CultureInvariant)]
    private static partial Regex Segment();
}
