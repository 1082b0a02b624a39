using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace GitOpsGrains.Testing.Kubernetes;

/// <summary>An etcd on free loopback ports, with its data in the temporary folder. API servers share one per test process.</summary>
public sealed class EtcdServer : IDisposable
{
    private static readonly SemaphoreSlim SharedGate = new(1, 1);
    private static EtcdServer? _shared;

    private readonly OwnedProcess _process;

    private EtcdServer(OwnedProcess process, Uri url) => (_process, Url) = (process, url);

    public Uri Url { get; }

    /// <summary>The etcd of this test process, which doesn't wait for the disk; started by the first caller.</summary>
    public static async Task<EtcdServer> SharedAsync()
    {
        await SharedGate.WaitAsync();
        try
        {
            return _shared ??= await StartAsync(fsync: false);
        }
        finally
        {
            SharedGate.Release();
        }
    }

    public static async Task<EtcdServer> StartAsync(bool fsync)
    {
        var program = Tools.Require("etcd");
        var url = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        var peer = $"http://127.0.0.1:{FreePort.Next()}";
        List<string> arguments =
        [
            "--data-dir", TestFolder.New("etcd"),
            "--listen-client-urls", url.OriginalString, "--advertise-client-urls", url.OriginalString,
            "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", $"default={peer}",
            "--quota-backend-bytes", "4294967296", "--log-level", "error",
        ];
        if (!fsync) arguments.Add("--unsafe-no-fsync");
        var process = await OwnedProcess.StartAsync(program, arguments);
        using var http = new HttpClient();
        await Eventually.GetAsync(
            async () => process.HasExited
                ? throw new InvalidOperationException($"etcd ended: {process.Output}")
                : (await http.GetAsync(new Uri(url, "/health"))).StatusCode,
            status => status == HttpStatusCode.OK, "a healthy etcd");
        return new EtcdServer(process, url);
    }

    /// <summary>Forgets all revisions but the present one.</summary>
    public async Task CompactAsync()
    {
        using var http = new HttpClient { BaseAddress = Url };
        var range = await http.PostAsJsonAsync("/v3/kv/range", new { key = Convert.ToBase64String("/"u8) });
        var answer = await range.Content.ReadFromJsonAsync<JsonElement>();
        var revision = answer.GetProperty("header").GetProperty("revision").GetString();
        (await http.PostAsJsonAsync("/v3/kv/compaction", new { revision, physical = true })).EnsureSuccessStatusCode();
    }

    public void Dispose() => _process.Dispose();
}
