using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Benchmarks.Stage;

/// <summary>One API server whose etcd waits for the disk, one Git server, and kubectl where there is one.</summary>
internal sealed class BenchmarkStage : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gog-bench-").FullName;
    private readonly ApiServer? _server;
    private int _silos;
    private int _simulators;

    private BenchmarkStage(BenchmarkOptions options, ApiServer? server, GitServer git)
    {
        (Options, _server, Git) = (options, server, git);
        Kubeconfig = Path.Combine(_folder, "kubeconfig.yaml");
        if (server is null) return;
        server.WriteKubeconfig(Kubeconfig);
        Kubectl = options.WithPeer ? Kubectl.Find(Kubeconfig) : null;
        ServerUsage = ProcessUsage.Of($"--secure-port={server.Url.Port}", server.EtcdUrl.OriginalString);
    }

    /// <summary>Whether there is a real API server.</summary>
    public bool HasServer => _server is not null;

    /// <summary>Of the size that is measured now.</summary>
    public BenchmarkOptions Options { get; set; }

    /// <summary>Errors: <see cref="InvalidOperationException"/> where only simulated clusters are wanted.</summary>
    public ApiServer Server => _server ?? throw new InvalidOperationException("this benchmark runs on simulated clusters");

    public GitServer Git { get; }

    public string Kubeconfig { get; }

    /// <summary>Null where kubectl is missing or not wanted.</summary>
    public Kubectl? Kubectl { get; }

    /// <summary>Of API server and etcd.</summary>
    public ProcessUsage ServerUsage { get; } = ProcessUsage.Of();

    public static async Task<BenchmarkStage> StartAsync(BenchmarkOptions options, bool withServer)
    {
        var server = withServer ? await ApiServer.StartAsync(new ApiServerOptions { Fsync = true }) : null;
        return new BenchmarkStage(options, server, await GitServer.StartAsync());
    }

    /// <summary>A silo with empty data that knows this cluster as "bench" and one repository.</summary>
    public async Task<SiloProcess> StartSiloAsync(GitWorkspace repository)
    {
        var silo = await StartBareSiloAsync(repository);
        await AddClusterAsync(silo);
        return silo;
    }

    public async Task AddClusterAsync(SiloProcess silo)
    {
        await silo.Client.ApplyAsync($$"""
            apiVersion: gitopsgrains.io/v1
            kind: Cluster
            metadata: {name: bench}
            spec: {kubeconfig: {file: {{Kubeconfig}} } }
            """);
        await silo.Client.WaitClusterReadyAsync("bench");
    }

    /// <summary>A silo with empty data that knows one repository and no cluster.</summary>
    public async Task<SiloProcess> StartBareSiloAsync(GitWorkspace repository)
    {
        var silo = await SiloProcess.StartAsync(NextDataFolder());
        await AddRepositoryAsync(silo.Client, repository);
        return silo;
    }

    public static Task AddRepositoryAsync(SiloClient silo, GitWorkspace repository) => silo.ApplyAsync($$"""
        apiVersion: gitopsgrains.io/v1
        kind: Repository
        metadata: {name: fleet}
        spec: {url: "{{repository.Url}}", poll: {interval: 1h} }
        """);

    public string NextDataFolder() => Path.Combine(_folder, $"silo-{_silos++}");

    public Task<Simulator> StartSimulatorAsync(int clusters) => Simulator.StartAsync(Path.Combine(_folder, $"clusters-{_simulators++}"), clusters);

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        await Git.DisposeAsync();
        Directory.Delete(_folder, true);
    }
}
