namespace GitOpsGrains.Abstractions.Silos;

/// <summary>What silos and their clients must name alike.</summary>
public static class ClusterNames
{
    /// <summary>Part of storage keys.</summary>
    public const string ServiceId = "gitopsgrains";

    public const string ClusterId = "gitopsgrains";
}
