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
    private readonly Task _reading;

    private LiveWatch(HttpClient http, Stream stream, bool metadataOnly)
    {
        _http = http;
        _reading = Task.Run(() => ReadAsync(new StreamReader(stream), metadataOnly));
    }

    /// <param name="Object">Left out of a metadata watch, which is light enough for a thousand events at once.</param>
    public sealed record Seen(string Type, JsonElement? Object, long At)
    {
        public string Name => Object!.Value.GetProperty("metadata").GetProperty("name").GetString()!;

        public string Namespace => Object!.Value.GetProperty("metadata").GetProperty("namespace").GetString()!;
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
        var request = new HttpRequestMessage(HttpMethod.Get, $"{path}?watch=1&resourceVersion={version}") { Version = HttpVersion.Version20 };
        if (metadataOnly) request.Headers.TryAddWithoutValidation("Accept", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1");
        var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        answer.EnsureSuccessStatusCode();
        return new LiveWatch(http, await answer.Content.ReadAsStreamAsync(), metadataOnly);
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

    /// <summary>All events so far that nobody has read.</summary>
    public IReadOnlyList<Seen> Drain()
    {
        var seen = new List<Seen>();
        while (_events.Reader.TryRead(out var next)) seen.Add(next);
        return seen;
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

    private async Task ReadAsync(StreamReader lines, bool metadataOnly)
    {
        try
        {
            while (await lines.ReadLineAsync(_stopping.Token) is { } line)
            {
                var at = Stopwatch.GetTimestamp();
                _events.Writer.TryWrite(metadataOnly ? new Seen(TypeOf(line), null, at) : Parse(line, at));
            }

            _events.Writer.Complete();
        }
        catch (OperationCanceledException)
        {
            _events.Writer.Complete();
        }
    }

    private static Seen Parse(string line, long at)
    {
        var root = JsonDocument.Parse(line).RootElement;
        return new Seen(root.GetProperty("type").GetString()!, root.GetProperty("object"), at);
    }

    /// <summary>The text after {"type":" up to the next quote.</summary>
    private static string TypeOf(string line) => line[9..line.IndexOf('"', 9)];
}
