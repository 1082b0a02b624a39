using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace GitOpsGrains.Testing.Kubernetes;

/// <summary>An etcd on free loopback ports, with its data in the temporary folder. API servers share one per test process.</summary>
public sealed class EtcdServer : IDisposable
{
    private static readonly SemaphoreSlim SharedGate = new(1, 1);
    private static EtcdServer? _shared;

    private readonly string _folder = TestFolder.New("etcd");
    private readonly string _peer = $"http://127.0.0.1:{FreePort.Next()}";
    private readonly bool _fsync;
    private OwnedProcess _process = null!;

    private EtcdServer(bool fsync) => _fsync = fsync;

    public Uri Url { get; } = new($"http://127.0.0.1:{FreePort.Next()}");

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
        var server = new EtcdServer(fsync);
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>How often each key below this part of a path was written since it was made.</summary>
    public async Task<IReadOnlyDictionary<string, int>> WritesAsync(string part)
    {
        using var http = new HttpClient();
        var range = await http.PostAsJsonAsync(new Uri(Url, "/v3/kv/range"), new { key = Convert.ToBase64String("/"u8), range_end = Convert.ToBase64String("0"u8) });
        var answer = await range.Content.ReadFromJsonAsync<JsonElement>();
        return answer.GetProperty("kvs").EnumerateArray()
            .Select(entry => (Key: Encoding.UTF8.GetString(entry.GetProperty("key").GetBytesFromBase64()), Version: entry.GetProperty("version").GetString()!))
            .Where(entry => entry.Key.Contains(part, StringComparison.Ordinal))
            .ToDictionary(entry => entry.Key, entry => int.Parse(entry.Version, CultureInfo.InvariantCulture));
    }

    /// <summary>Copies its data as they are at one moment; returns where to.</summary>
    public async Task<string> SaveAsync()
    {
        var saved = TestFolder.New("etcd-saved");
        _process.Pause();
        try
        {
            await CopyAsync(_folder, saved);
        }
        finally
        {
            _process.Resume();
        }
        return saved;
    }

    /// <summary>Kills it, puts older data in the place of its own and starts it again: what happened since is gone, revisions go back.</summary>
    public async Task RestoreAsync(string saved)
    {
        await _process.KillAsync();
        Directory.Delete(_folder, recursive: true);
        await CopyAsync(saved, _folder);
        await StartAgainAsync();
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

    private async Task StartAgainAsync()
    {
        List<string> arguments =
        [
            "--data-dir", _folder,
            "--listen-client-urls", Url.OriginalString, "--advertise-client-urls", Url.OriginalString,
            "--listen-peer-urls", _peer, "--initial-advertise-peer-urls", _peer, "--initial-cluster", $"default={_peer}",
            "--quota-backend-bytes", "4294967296", "--log-level", "error",
        ];
        if (!_fsync) arguments.Add("--unsafe-no-fsync");
        var process = _process = await OwnedProcess.StartAsync(Tools.Require("etcd"), arguments);
        using var http = new HttpClient();
        await Eventually.GetAsync(
            async () => process.HasExited
                ? throw new InvalidOperationException($"etcd ended: {process.Output}")
                : (await http.GetAsync(new Uri(Url, "/health"))).StatusCode,
            status => status == HttpStatusCode.OK, "a healthy etcd");
    }

    /// <summary>By a program: etcd holds a lock on its file, which this process would mind.</summary>
    private static async Task CopyAsync(string from, string to)
    {
        using var copying = await OwnedProcess.StartAsync(Tools.Require("cp"), "-a", $"{from}/.", to);
        if (await copying.WaitForExitAsync() != 0) throw new InvalidOperationException($"copying {from} failed: {copying.Output}");
    }
}
