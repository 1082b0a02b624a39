using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Kubernetes.Hosting;
using GitOpsGrains.Testing.Kubernetes;
using Microsoft.Extensions.DependencyInjection;

namespace GitOpsGrains.EndToEnd.Tests.DriftProof;

/// <summary>A silo whose cluster keeps a record of each of its requests.</summary>
public class DriftFleet : FleetFixture
{
    private IClusterConnection? _connection;

    public DriftFleet()
        : this(controllers: false, new AuditLog(DriftProofFixture.Product))
    {
    }

    protected DriftFleet(bool controllers)
        : this(controllers, new AuditLog(DriftProofFixture.Product))
    {
    }

    private DriftFleet(bool controllers, AuditLog audit)
        : base(new ApiServerOptions
        {
            ControllerManager = controllers,
            Users = [new TestUser(DriftProofFixture.Product, "token-of-the-product", "system:masters")],
            ExtraFlags = audit.Flags,
        }) => Audit = audit;

    public AuditLog Audit { get; }

    /// <summary>A line to the cluster of the test's own, as the administrator.</summary>
    public IClusterConnection Connection => _connection ?? throw new InvalidOperationException("not connected yet");

    public ApiCatalog Catalog { get; private set; } = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        if (!HasServer) return;
        await Definitions.InstallAsync(Server);
        var connector = new ServiceCollection().AddLogging().AddKubernetesClusters().BuildServiceProvider().GetRequiredService<IClusterConnector>();
        var access = new ClusterAccess("test", Server.WriteKubeconfig(Path.Combine(Server.Folder, "tests.yaml")), null, false);
        _connection = (await connector.ConnectAsync(access, CancellationToken.None)).Value!;
        Catalog = (await _connection.DiscoverAsync(fresh: true, CancellationToken.None)).Value!;
        var product = Server.WriteKubeconfig(Path.Combine(Server.Folder, "product.yaml"), DriftProofFixture.Product);
        await Api.ApplyAsync(Manifests.Cluster(Cluster, product));
        await PrepareAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_connection is not null) await _connection.DisposeAsync();
        await base.DisposeAsync();
    }

    /// <summary>What all tests of a class start from.</summary>
    protected virtual Task PrepareAsync() => Task.CompletedTask;
}
