using GitOpsGrains.EndToEnd.Tests.DriftProof;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.EndToEnd.Tests.InProcess;

/// <summary>A product whose clock leaps, on a server that keeps a record of its requests.</summary>
public sealed class PacedFleet : ApiServerFixture
{
    private const string Product = "product";
    private const string Cluster = "paced";

    private readonly AuditLog _audit;
    private InProcessHost? _host;
    private GitServer? _git;

    public PacedFleet()
        : this(new AuditLog(Product))
    {
    }

    private PacedFleet(AuditLog audit)
        : base(new ApiServerOptions { Users = [new TestUser(Product, "token-of-the-product", "system:masters")], ExtraFlags = audit.Flags }) => _audit = audit;

    public LeapingClock Clock { get; } = new();

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        if (!HasServer) return;
        Server.WriteKubeconfig(Scene.KubeconfigOf(Server, Cluster), Product);
        _host = await InProcessHost.StartAsync(time: Clock);
        _git = await GitServer.StartAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_host is not null) await _host.DisposeAsync();
        if (_git is not null) await _git.DisposeAsync();
        await base.DisposeAsync();
    }

    public Task<Scene> NewSceneAsync() => Scene.CreateAsync(_host!, Server, _git!, Cluster);

    /// <summary>What the product asked about a ConfigMap, without lists and watches.</summary>
    public IReadOnlyList<AuditedRequest> RequestsOf(Scene scene, string name) =>
        [.. RequestsIn(scene).Where(request => request.Resource == "configmaps" && request.Name == name)];

    /// <summary>All that the product asked about the scene's namespace.</summary>
    public IEnumerable<AuditedRequest> RequestsIn(Scene scene) => _audit.Read().Where(request => request.Namespace == scene.Name);
}
