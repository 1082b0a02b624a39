namespace GitOpsGrains.Kubernetes.Connections.Kubeconfigs;

/// <summary>An access that can't be used; the message names the cause and holds no secret.</summary>
internal sealed class KubeconfigException(string message, Exception? inner = null) : Exception(message, inner);
