namespace GitOpsGrains.Simulation.Clusters;

/// <summary>Somebody a cluster knows by a token. Who is no administrator may do nothing: there is no RBAC here.</summary>
public sealed record SimulatedUser(string Name, string Token, bool IsAdministrator = false);
