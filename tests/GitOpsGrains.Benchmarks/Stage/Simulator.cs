using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Benchmarks.Stage;

/// <summary>Simulated clusters in a process of their own, and an administrator's way to each of them.</summary>
internal sealed class Simulator : IAsyncDisposable
{
    public const string ReadyFile = "fleet.txt";

    private readonly OwnedProcess _process;
    private readonly HttpClient _admin;

    private Simulator(OwnedProcess process, string folder, int clusters)
    {
        var lines = File.ReadAllLines(Path.Combine(folder, ReadyFile));
        (_process, Folder, Clusters, Url) = (process, folder, clusters, new Uri(lines[0]));
        Http = Connect(SimulatorHost.UserToken);
        _admin = Connect(lines[1]);
        Usage = ProcessUsage.Of(folder);
    }

    public string Folder { get; }

    public int Clusters { get; }

    public Uri Url { get; }

    /// <summary>Asks as an administrator of every cluster.</summary>
    public HttpClient Http { get; }

    public ProcessUsage Usage { get; }

    public static string NameOf(int index) => $"sim-{index:0000}";

    public string KubeconfigOf(int index) => Path.Combine(Folder, $"{NameOf(index)}.yaml");

    public static async Task<Simulator> StartAsync(string folder, int clusters)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "GitOpsGrains.Benchmarks.dll");
        var process = await OwnedProcess.StartAsync(Tools.Require("dotnet"), program, SimulatorHost.Verb, folder, $"{clusters}");
        await Eventually.TrueAsync(
            () => Task.FromResult(process.HasExited ? throw new InvalidOperationException($"the simulator ended: {process.Output}") : File.Exists(Path.Combine(folder, ReadyFile))),
            $"{clusters} simulated clusters", TimeSpan.FromMinutes(2));
        return new Simulator(process, folder, clusters);
    }

    /// <summary>Requests so far by verb, summed over all clusters; dry runs are "APPLY dry-run".</summary>
    public async Task<IReadOnlyDictionary<string, long>> RequestsAsync() =>
        JsonSerializer.Deserialize<Dictionary<string, long>>(await _admin.GetByteArrayAsync("admin/requests"))!;

    public async Task<long> WritesAsync() => WritesOf(await RequestsAsync());

    /// <summary>The cluster answers nothing, until the fault is taken away.</summary>
    public async Task HangAsync(int cluster)
    {
        using var fault = new StringContent("""{"kind":"Hang"}""", Encoding.UTF8, "application/json");
        (await _admin.PutAsync(new Uri($"admin/clusters/{NameOf(cluster)}/fault", UriKind.Relative), fault)).EnsureSuccessStatusCode();
    }

    public async Task HealAsync(int cluster) =>
        (await _admin.DeleteAsync(new Uri($"admin/clusters/{NameOf(cluster)}/fault", UriKind.Relative))).EnsureSuccessStatusCode();

    public static long WritesOf(IReadOnlyDictionary<string, long> requests) =>
        requests.Where(static verb => verb.Key is "APPLY" or "PATCH" or "POST" or "PUT" or "DELETE").Sum(static verb => verb.Value);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        _admin.Dispose();
        await _process.KillAsync();
        _process.Dispose();
    }

    private HttpClient Connect(string token)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(Path.Combine(Folder, "authority.pem"));
        var http = new HttpClient(new SocketsHttpHandler { EnableMultipleHttp2Connections = true, SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy } })
        {
            BaseAddress = Url,
            DefaultRequestVersion = HttpVersion.Version20,
            Timeout = TimeSpan.FromMinutes(2),
        };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return http;
    }
}
