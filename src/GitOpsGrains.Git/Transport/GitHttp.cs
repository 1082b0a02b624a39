using System.Collections.Concurrent;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Git.Credentials;
using GitOpsGrains.Git.Hosting;
using Microsoft.Extensions.Options;

namespace GitOpsGrains.Git.Transport;

/// <summary>
/// One HttpClient per origin, credentials and TLS set-up, so that a poll reuses the connection of the one before and nobody
/// else's. Redirects are followed by <see cref="HttpExchange"/>, which knows which are safe; time limits come with each
/// request's token.
/// </summary>
internal sealed class GitHttp(IOptions<GitOptions> options, TimeProvider time) : IDisposable
{
    /// <summary>Longer than any request may take: what was not used for so long is in no hand.</summary>
    private static readonly TimeSpan Forgotten = TimeSpan.FromHours(2);
    private readonly ConcurrentDictionary<string, Lazy<Pooled>> _clients = new(StringComparer.Ordinal);

    /// <summary>Errors: <see cref="GitException"/> for all that goes wrong before an answer's headers are here.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, ConnectionSetup setup, CancellationToken cancellationToken)
    {
        var url = request.RequestUri!;
        try
        {
            return await For(url, setup).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException broken)
        {
            throw new GitException(GitErrorKind.Unreachable, Describe(broken, url, setup), broken);
        }
        catch (OperationCanceledException timeout) when (!cancellationToken.IsCancellationRequested)
        {
            // SocketsHttpHandler reports its connect time-out as a cancellation.
            throw new GitException(GitErrorKind.TimedOut, $"no connection to {url.Authority} in time", timeout);
        }
    }

    public void Dispose()
    {
        foreach (var client in _clients.Values)
            if (client.IsValueCreated)
                client.Value.Client.Dispose();
        _clients.Clear();
    }

    private HttpClient For(Uri url, ConnectionSetup setup)
    {
        var key = $"{url.GetLeftPart(UriPartial.Authority)}\n{setup.Key}";
        if (!_clients.TryGetValue(key, out var known))
        {
            Sweep();
            known = _clients.GetOrAdd(key, _ => new Lazy<Pooled>(() => new Pooled(Create(setup))));
        }
        try
        {
            known.Value.UsedAt = time.GetTimestamp();
            return known.Value.Client;
        }
        catch (GitException)
        {
            _clients.TryRemove(new KeyValuePair<string, Lazy<Pooled>>(key, known));
            throw;
        }
    }

    /// <summary>Closes those of certificates and repositories that are no more.</summary>
    private void Sweep()
    {
        foreach (var entry in _clients)
            if (entry.Value.IsValueCreated && time.GetElapsedTime(entry.Value.Value.UsedAt) > Forgotten && _clients.TryRemove(entry))
                entry.Value.Value.Client.Dispose();
    }

    private HttpClient Create(ConnectionSetup setup)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = options.Value.ConnectTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
            MaxConnectionsPerServer = 32,
            SslOptions = TlsSetup.Of(setup),
        };
        if (setup.Proxy is { } proxy) handler.Proxy = new RepositoryProxy(proxy, setup.ProxyPassword?.Value);
        var client = new HttpClient(handler)
        {
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestVersion = System.Net.HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        client.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", "git/2.40 (GitOpsGrains)");
        return client;
    }

    private static string Describe(HttpRequestException broken, Uri url, ConnectionSetup setup) => broken.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => $"the name {url.Host} does not resolve{Way(setup)}",
        HttpRequestError.SecureConnectionError => $"TLS with {url.Authority} failed: {broken.InnerException?.Message ?? broken.Message}",
        HttpRequestError.ConnectionError => $"no connection to {url.Authority}{Way(setup)}",
        HttpRequestError.ProxyTunnelError => $"the proxy {setup.Proxy?.Url} refuses a connection to {url.Authority} ({(int?)broken.StatusCode ?? 0})",
        _ => $"{url.Authority} did not answer: {broken.HttpRequestError}",
    };

    private static string Way(ConnectionSetup setup) => setup.Proxy is null ? "" : $" (or its proxy {setup.Proxy.Url})";

    private sealed class Pooled(HttpClient client)
    {
        private long _usedAt;

        public HttpClient Client { get; } = client;

        public long UsedAt
        {
            get => Interlocked.Read(ref _usedAt);
            set => Interlocked.Exchange(ref _usedAt, value);
        }
    }
}
