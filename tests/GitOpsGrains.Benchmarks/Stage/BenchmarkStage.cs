using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Benchmarks.Stage;

/// <summary>One API server whose etcd waits for the disk, one Git server, and kubectl where there is one.</summary>
internal sealed class BenchmarkStage : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gog-bench-").FullName;
    private int _silos;

    private BenchmarkStage(BenchmarkOptions options, ApiServer server, GitServer git)
    {
        (Options, Server, Git) = (options, server, git);
        Kubeconfig = server.WriteKubeconfig(Path.Combine(_folder, "kubeconfig.yaml"));
        Kubectl = options.WithPeer ? Kubectl.Find(Kubeconfig) : null;
        ServerUsage = ProcessUsage.Of($"--secure-port={server.Url.Port}", server.EtcdUrl.OriginalString);
    }

    public BenchmarkOptions Options { get; }

    public ApiServer Server { get; }

    public GitServer Git { get; }

    public string Kubeconfig { get; }

    /// <summary>Null where kubectl is missing or not wanted.</summary>
    public Kubectl? Kubectl { get; }

    /// <summary>Of API server and etcd.</summary>
    public ProcessUsage ServerUsage { get; }

    public static async Task<BenchmarkStage> StartAsync(BenchmarkOptions options)
    {
        var server = await ApiServer.StartAsync(new ApiServerOptions { Fsync = true });
        return new BenchmarkStage(options, server, await GitServer.StartAsync());
    }

    /// <summary>A silo with empty data that knows this cluster as "bench" and one repository.</summary>
    public async Task<SiloProcess> StartSiloAsync(GitWorkspace repository)
    {
        var silo = await SiloProcess.StartAsync(Path.Combine(_folder, $"silo-{_silos++}"));
        await silo.Client.ApplyAsync($$"""
            apiVersion: gitopsgrains.io/v1
            kind: Cluster
            metadata: {name: bench}
            spec: {kubeconfig: {file: {{Kubeconfig}} } }
            ---
            apiVersion: gitopsgrains.io/v1
            kind: Repository
            metadata: {name: fleet}
            spec: {url: "{{repository.Url}}", poll: {interval: 1h} }
            """);
        await silo.Client.WaitClusterReadyAsync("bench");
        return silo;
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Git.DisposeAsync();
        Directory.Delete(_folder, true);
    }
}
