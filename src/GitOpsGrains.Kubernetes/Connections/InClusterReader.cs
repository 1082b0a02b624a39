using System.Security.Cryptography.X509Certificates;
using GitOpsGrains.Kubernetes.Connections.Credentials;
using GitOpsGrains.Kubernetes.Connections.Kubeconfigs;
using GitOpsGrains.Kubernetes.Hosting;

namespace GitOpsGrains.Kubernetes.Connections;

/// <summary>The access that a pod has by its service account. Errors: <see cref="KubeconfigException"/>.</summary>
internal sealed class InClusterReader(KubernetesOptions options, TimeProvider time)
{
    public ClusterEndpoint Read()
    {
        var host = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST");
        var port = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_PORT");
        if (string.IsNullOrEmpty(host) || string.IsNullOrEmpty(port))
            throw new KubeconfigException("inCluster: this process doesn't run in a cluster (KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set)");
        if (host.Contains(':', StringComparison.Ordinal)) host = $"[{host}]";
        if (!Uri.TryCreate($"https://{host}:{port}", UriKind.Absolute, out var server))
            throw new KubeconfigException("inCluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are no address");
        var token = new TokenFileCredentials(Path.Combine(options.ServiceAccountFolder, "token"), null, time);
        return new ClusterEndpoint(server, token) { Authorities = ReadAuthorities() };
    }

    private X509Certificate2Collection ReadAuthorities()
    {
        var file = Path.Combine(options.ServiceAccountFolder, "ca.crt");
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            throw new KubeconfigException($"inCluster: {file} can't be read: {exception.Message}", exception);
        }

        return authorities.Count > 0 ? authorities : throw new KubeconfigException($"inCluster: {file} holds no certificate");
    }
}
