using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Threading.Channels;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Benchmarks.Stage;

/// <summary>
/// A WATCH of the Deployments of a namespace (or of all) beside the silo's own: the clock of every benchmark stops when this one has seen it.
/// </summary>
internal sealed class LiveWatch : IAsyncDisposable
{
    private readonly HttpClient _http;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<Seen> _events = Channel.CreateUnbounded<Seen>();
    private readonly Func<string, HttpRequestMessage> _request;
    private readonly Task _reading;

    private LiveWatch(HttpClient http, Func<string, HttpRequestMessage> request, string version)
    {
        (_http, _request) = (http, request);
        _reading = Task.Run(() => ReadAsync(version));
    }

    public sealed record Seen(string Type, JsonElement Object, long At)
    {
        public string Name => Object.GetProperty("metadata").GetProperty("name").GetString()!;

        public string Namespace => Object.GetProperty("metadata").GetProperty("namespace").GetString()!;

        public string Version => Object.GetProperty("metadata").GetProperty("resourceVersion").GetString()!;
    }

    public static async Task<LiveWatch> StartAsync(ApiServer server, string path, bool metadataOnly = false)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(server.CaFile);
        var http = new HttpClient(new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy } })
        {
            BaseAddress = server.Url,
            DefaultRequestVersion = HttpVersion.Version20,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", server.Token);
        var list = await server.Client.GetJsonAsync($"{path}?limit=1");
        var version = list.GetProperty("metadata").GetProperty("resourceVersion").GetString();
        return new LiveWatch(http, Request, version!);

        HttpRequestMessage Request(string from)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, $"{path}?watch=1&resourceVersion={from}") { Version = HttpVersion.Version20 };
            if (metadataOnly) request.Headers.TryAddWithoutValidation("Accept", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1");
            return request;
        }
    }

    /// <summary>Reads events until one is wanted; returns when that one came in.</summary>
    public async Task<long> WaitAsync(Predicate<Seen> isWanted)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            var seen = await _events.Reader.ReadAsync(patience.Token);
            if (isWanted(seen)) return seen.At;
        }
    }

    /// <summary>Returns when the n-th event of a type came in.</summary>
    public Task<long> WaitCountAsync(string type, int count)
    {
        var left = count;
        return WaitAsync(seen => seen.Type == type && --left == 0);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _reading;
        _http.Dispose();
        _stopping.Dispose();
    }

    private async Task ReadAsync(string version)
    {
        try
        {
            // The server ends a watch whose reader falls behind; it goes on from the last event.
            while (true) version = await ReadOnceAsync(version);
        }
        catch (Exception exception)
        {
            _events.Writer.Complete(exception is OperationCanceledException ? null : exception);
        }
    }

    private async Task<string> ReadOnceAsync(string version)
    {
        using var request = _request(version);
        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _stopping.Token);
        answer.EnsureSuccessStatusCode();
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(_stopping.Token));
        while (await lines.ReadLineAsync(_stopping.Token) is { } line)
        {
            var root = JsonDocument.Parse(line).RootElement;
            var seen = new Seen(root.GetProperty("type").GetString()!, root.GetProperty("object"), Stopwatch.GetTimestamp());
            if (seen.Type == "ERROR") throw new InvalidOperationException($"the watch failed: {seen.Object}");
            version = seen.Version;
            _events.Writer.TryWrite(seen);
        }

        return version;
    }
}
