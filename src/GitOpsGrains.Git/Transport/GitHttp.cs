using System.Collections.Concurrent;
using GitOpsGrains.Git.Hosting;
using Microsoft.Extensions.Options;

namespace GitOpsGrains.Git.Transport;

/// <summary>
/// One HttpClient per origin, so that a poll reuses the connection of the one before. Redirects are followed by
/// <see cref="SmartHttpRemote"/>, which knows which are safe; time limits come with each request's token.
/// </summary>
internal sealed class GitHttp(IOptions<GitOptions> options) : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<HttpClient>> _clients = new(StringComparer.Ordinal);

    public HttpClient For(Uri url) =>
        _clients.GetOrAdd(url.GetLeftPart(UriPartial.Authority), _ => new Lazy<HttpClient>(Create)).Value;

    public void Dispose()
    {
        foreach (var client in _clients.Values)
            if (client.IsValueCreated)
                client.Value.Dispose();
        _clients.Clear();
    }

    private HttpClient Create()
    {
        var client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = options.Value.ConnectTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
            MaxConnectionsPerServer = 32,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestVersion = System.Net.HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        client.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", "git/2.40 (GitOpsGrains)");
        return client;
    }
}
