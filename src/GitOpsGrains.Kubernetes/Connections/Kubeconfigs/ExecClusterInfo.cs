namespace GitOpsGrains.Kubernetes.Connections.Kubeconfigs;

/// <summary>What an exec plugin with provideClusterInfo is told about the cluster.</summary>
/// <param name="AuthorityPem">Null for the machine's authorities.</param>
internal sealed record ExecClusterInfo(string Server, string? TlsServerName, bool SkipsVerification, string? AuthorityPem);
