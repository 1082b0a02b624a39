using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace GitOpsGrains.Simulation.Load;

/// <summary>A fleet in a child process, and its clients: one connection per cluster, as a controller has.</summary>
internal sealed partial class FleetProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Uri _url;
    private readonly string _token;
    private readonly string _authority;

    private FleetProcess(Process process, JsonElement said)
    {
        (_process, _url, _token) = (process, new Uri(said.GetProperty("url").GetString()!), said.GetProperty("token").GetString()!);
        _authority = said.GetProperty("authority").GetString()!;
    }

    /// <summary>User and system time of the fleet so far.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public long Resident
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public static async Task<FleetProcess> StartAsync(int clusters, bool hasControllers = false)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["serve", "--clusters", clusters.ToString(CultureInfo.InvariantCulture), .. hasControllers ? (string[])["--controllers", "1"] : []])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        var first = JsonElement.Parse(await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("the fleet did not start"));
        return new FleetProcess(process, first);
    }

    /// <summary>The managed heap after a collection, and all bytes ever allocated.</summary>
    public async Task<(long Heap, long Allocated)> CollectAsync()
    {
        await _process.StandardInput.WriteLineAsync("collect");
        var answer = JsonElement.Parse((await _process.StandardOutput.ReadLineAsync())!);
        return (answer.GetProperty("heap").GetInt64(), answer.GetProperty("allocated").GetInt64());
    }

    public async Task<IReadOnlyList<HttpClient>> ConnectAsync(int clusters)
    {
        using var admin = NewClient(_url, _token, _authority);
        var clients = new List<HttpClient>();
        for (var number = 0; number < clusters; number++)
        {
            var config = await admin.GetStringAsync(string.Create(CultureInfo.InvariantCulture, $"/admin/clusters/c{number}/kubeconfig"));
            var client = NewClient(_url, Token().Match(config).Groups[1].Value, _authority);
            client.BaseAddress = new Uri(_url, string.Create(CultureInfo.InvariantCulture, $"/clusters/c{number}/"));
            clients.Add(client);
        }

        return clients;
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    public static HttpClient NewClient(Uri url, string token, string authorityPem)
    {
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.ImportFromPem(authorityPem);
        var handler = new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = trust } };
        return new HttpClient(handler)
        {
            BaseAddress = url, DefaultRequestVersion = HttpVersion.Version20, DefaultRequestHeaders = { Authorization = new("Bearer", token) },
        };
    }

    [GeneratedRegex("token: ([0-9a-f]+)")]
    private static partial Regex Token();
}
