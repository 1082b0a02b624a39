using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using GitOpsGrains.Adapters.Trust;
using GitOpsGrains.Simulation.Hosting;

namespace GitOpsGrains.Demo.Playing;

/// <summary>Somebody with kubectl: changes one object on one production cluster after the other, through the clusters' own API.</summary>
internal sealed class Alice : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly SimulatedFleet _fleet;
    private readonly string[] _clusters;
    private readonly DemoScreen _screen;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private int _next;

    /// <param name="clusters">Where she has access.</param>
    public Alice(SimulatedFleet fleet, IEnumerable<string> clusters, DemoScreen screen, TimeProvider time)
    {
        (_fleet, _clusters, _screen, _time) = (fleet, [.. clusters], screen, time);
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPem(fleet.AuthorityPem);
        var handler = new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = PrivateAuthorities.PolicyOf(authorities) } };
        _http = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(10) };
    }

    /// <summary>Until it is cancelled.</summary>
    public async Task WorkAsync(TimeSpan every, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(every, _time);
        while (await timer.WaitForNextTickAsync(cancellationToken)) await ActAsync(cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private async Task ActAsync(CancellationToken cancellationToken)
    {
        // Another object of another cluster each time, so that it is no fight about one.
        var deed = Mischief.All[(_next + _next / _clusters.Length) % Mischief.All.Count];
        var cluster = _clusters[_next++ % _clusters.Length];
        try
        {
            // Nobody disturbs what is not there.
            if (deed.ValueIn(await ReadAsync(cluster, deed, cancellationToken)) is not { } before) return;
            await DoAsync(cluster, deed, cancellationToken);
            _screen.Happened($"alice on {cluster}: {deed.Text}");
            var began = _time.GetTimestamp();
            while (deed.ValueIn(await ReadAsync(cluster, deed, cancellationToken)) != before)
            {
                if (_time.GetElapsedTime(began) > Patience) return;
                await Task.Delay(Look, _time, cancellationToken);
            }

            _screen.Happened($"shop/cart on {cluster}: put back after {_time.GetElapsedTime(began).TotalSeconds:0.0} s");
        }
        catch (HttpRequestException refused)
        {
            _screen.Happened($"alice on {cluster}: {deed.Text} failed: {refused.Message}");
        }
    }

    private async Task DoAsync(string cluster, Mischief deed, CancellationToken cancellationToken)
    {
        using var request = Request(deed.Patch is null ? HttpMethod.Delete : HttpMethod.Patch, cluster, $"{deed.Path}?fieldManager={deed.Manager}");
        if (deed.Patch is not null) request.Content = new StringContent(deed.Patch, Encoding.UTF8, "application/merge-patch+json");
        using var answer = await _http.SendAsync(request, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    private async Task<JsonElement?> ReadAsync(string cluster, Mischief deed, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Get, cluster, deed.Path);
        using var answer = await _http.SendAsync(request, cancellationToken);
        if (answer.StatusCode == HttpStatusCode.NotFound) return null;
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
    }

    private HttpRequestMessage Request(HttpMethod method, string cluster, string path) => new(method, new Uri($"{_fleet.AddressOf(cluster)}/{path}"))
    {
        Headers = { Authorization = new AuthenticationHeaderValue("Bearer", _fleet.Get(cluster).Users[0].Token) },
    };
}
