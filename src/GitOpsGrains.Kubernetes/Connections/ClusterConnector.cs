using GitOpsGrains.Abstractions.Ports.Secrets;
using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Kubernetes.Connections.Kubeconfigs;
using GitOpsGrains.Kubernetes.Discovery;
using GitOpsGrains.Kubernetes.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GitOpsGrains.Kubernetes.Connections;

/// <summary>Reads an access and makes a connection of it.</summary>
internal sealed partial class ClusterConnector(
    IOptions<KubernetesOptions> options, TimeProvider time, ILogger<ClusterConnector> logger, ISecretReader? secrets = null) : IClusterConnector
{
    private readonly CatalogPool _catalogs = new();

    public async Task<ClusterAnswer<IClusterConnection>> ConnectAsync(ClusterAccess access, CancellationToken cancellationToken)
    {
        try
        {
            var endpoint = await ReadAsync(access, cancellationToken);
            foreach (var warning in endpoint.Warnings) LogWarning(logger, access.Name, warning);
            // An implicit conversion from an interface is not to be had.
            return new ClusterAnswer<IClusterConnection>(new ClusterConnection(endpoint, _catalogs, options.Value, time), null);
        }
        catch (KubeconfigException exception)
        {
            return new ClusterError(ClusterErrorKind.Unauthorized, 0, exception.Message);
        }
    }

    private async Task<ClusterEndpoint> ReadAsync(ClusterAccess access, CancellationToken cancellationToken)
    {
        if (access.InCluster) return new InClusterReader(options.Value, time).Read();
        if (access.KubeconfigFrom is { } reference) return await ReadSecretAsync(reference, access.Context, cancellationToken);
        if (access.KubeconfigFile is null) throw new KubeconfigException($"the cluster '{access.Name}' has neither a kubeconfig nor inCluster");
        return await new KubeconfigReader(new UserReader(options.Value, time)).ReadAsync(access.KubeconfigFile, access.Context, cancellationToken);
    }

    private async Task<ClusterEndpoint> ReadSecretAsync(SecretReference reference, string? context, CancellationToken cancellationToken)
    {
        if (secrets is null) throw new KubeconfigException($"the {reference.Describe()} can't be read: this host reads no secrets");
        try
        {
            var text = await secrets.ReadAsync(reference, SecretPurpose.Kubeconfig, "", cancellationToken);
            return new KubeconfigReader(new UserReader(options.Value, time)).Read($"the {reference.Describe()}", text, null, context);
        }
        catch (SecretException missing)
        {
            throw new KubeconfigException(missing.Message, missing);
        }
    }
}
