namespace GitOpsGrains.Simulation.Clusters;

/// <summary>One change of one object. Before is null for a new one; After is the last state, with the deletion's version, where IsDelete.</summary>
internal sealed record ObjectEvent(long Version, StoredObject? Before, StoredObject After, bool IsDelete);
