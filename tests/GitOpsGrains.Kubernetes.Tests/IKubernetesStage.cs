using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Kubernetes.Hosting;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Kubernetes.Tests;

/// <summary>An API server that a suite runs on, with the users "admin" and "nobody": the real one or the simulation.</summary>
public interface IKubernetesStage
{
    /// <summary>Raw, as the administrator.</summary>
    ApiClient Client { get; }

    string Version { get; }

    Task<IClusterConnection> ConnectAsync(string user = ApiServer.Admin, Action<KubernetesOptions>? configure = null);

    /// <summary>A fresh namespace.</summary>
    Task<string> NewNamespaceAsync(string prefix = "test");
}
