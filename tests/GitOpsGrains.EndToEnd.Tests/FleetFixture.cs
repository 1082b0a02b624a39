using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;
using GitOpsGrains.Testing.Processes;

namespace GitOpsGrains.EndToEnd.Tests;

/// <summary>What a story from end to end plays on.</summary>
public interface IFleetStage
{
    GitServer Git { get; }

    SiloProcess Silo { get; }

    FleetApi Api { get; }

    Ctl Ctl { get; }

    /// <summary>Acts as the cluster's administrator.</summary>
    ApiClient Kube { get; }

    /// <summary>The cluster as a Cluster document.</summary>
    string ClusterDocument(string name);
}

/// <summary>A real API server with its controllers, a Git server, a silo and gitopsctl. Tests of a class share them, with names of their own.</summary>
public class FleetFixture : ApiServerFixture, IFleetStage
{
    public FleetFixture()
        : this(new ApiServerOptions { ControllerManager = true })
    {
    }

    protected FleetFixture(ApiServerOptions options)
        : base(options)
    {
    }

    public const string Cluster = "local";

    /// <summary>Of the silo, beside its addresses: "Section__Name".</summary>
    protected virtual IReadOnlyDictionary<string, string>? Settings => null;

    private GitServer? _git;
    private SiloProcess? _silo;

    public GitServer Git => _git ?? throw new InvalidOperationException("the Git server has not been started");

    public SiloProcess Silo => _silo ?? throw new InvalidOperationException("the silo has not been started");

    public FleetApi Api => Silo.Api;

    public Ctl Ctl => new(Silo);

    public ApiClient Kube => Server.Client;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _git = await GitServer.StartAsync();
        _silo = await SiloProcess.StartNewAsync(Settings);
        if (HasServer) await Api.ApplyAsync(ClusterDocument(Cluster));
    }

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_silo is not null) await _silo.DisposeAsync();
        if (_git is not null) await _git.DisposeAsync();
        await base.DisposeAsync();
    }

    /// <summary>The API server as a Cluster document.</summary>
    public string ClusterDocument(string name) =>
        Manifests.Cluster(name, Server.WriteKubeconfig(Path.Combine(Server.Folder, $"{Guid.NewGuid():N}.yaml")));

    /// <summary>A new repository, known to the silo, with a namespace of the same name.</summary>
    public async Task<GitWorkspace> NewRepositoryAsync(string prefix)
    {
        var name = await NewNamespaceAsync(prefix);
        var workspace = await Git.CreateRepositoryAsync(name);
        await Api.ApplyAsync(Manifests.Repository(name, workspace.Url));
        return workspace;
    }
}
