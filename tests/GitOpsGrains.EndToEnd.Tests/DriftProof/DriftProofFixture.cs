using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Kubernetes.Hosting;
using GitOpsGrains.Testing.Kubernetes;
using Microsoft.Extensions.DependencyInjection;

namespace GitOpsGrains.EndToEnd.Tests.DriftProof;

/// <summary>A server with the definitions of the cases; the product has a user of its own, so that webhooks can tell it from others.</summary>
public sealed class DriftProofFixture() : ApiServerFixture(new ApiServerOptions { Users = [new TestUser(Product, "token-of-the-product", "system:masters")] }), IAsyncLifetime
{
    public const string Product = "product";

    private readonly SemaphoreSlim _gate = new(1);
    private IClusterConnection? _connection;
    private ApiCatalog? _catalog;

    public async Task<(IClusterConnection Connection, ApiCatalog Catalog)> ConnectAsync()
    {
        await _gate.WaitAsync();
        try
        {
            if (_connection is null || _catalog is null)
            {
                await Definitions.InstallAsync(Server);
                var connector = new ServiceCollection().AddLogging().AddKubernetesClusters().BuildServiceProvider().GetRequiredService<IClusterConnector>();
                var kubeconfig = Server.WriteKubeconfig(Path.Combine(Server.Folder, "product.yaml"), Product);
                _connection = (await connector.ConnectAsync(new ClusterAccess("test", kubeconfig, null, false), CancellationToken.None)).Value!;
                _catalog = (await _connection.DiscoverAsync(fresh: true, CancellationToken.None)).Value!;
            }
            return (_connection, _catalog);
        }
        finally
        {
            _gate.Release();
        }
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        if (_connection is not null) await _connection.DisposeAsync();
        _gate.Dispose();
        await DisposeAsync();
    }
}
