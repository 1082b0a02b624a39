using System.Globalization;

namespace GitOpsGrains.Grains.Clusters;

/// <summary>
/// Order of resourceVersions. They are decimal numbers in every server that stores in etcd; Kubernetes documents the
/// order since 1.35 (KEP-5504).
/// </summary>
public static class ResourceVersions
{
    /// <summary>Whether one is lower than another; false when either is no number.</summary>
    public static bool IsBefore(string left, string right) =>
        ulong.TryParse(left, NumberStyles.None, CultureInfo.InvariantCulture, out var a)
        && ulong.TryParse(right, NumberStyles.None, CultureInfo.InvariantCulture, out var b) && a < b;
}
