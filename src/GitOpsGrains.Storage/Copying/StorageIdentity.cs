namespace GitOpsGrains.Storage.Copying;

/// <summary>Under which names an installation keeps its records: those of Orleans' ClusterOptions.</summary>
public sealed record StorageIdentity(string ServiceId, string ClusterId);
