using System.Diagnostics;
using System.Net;
using GitOpsGrains.Testing.Processes;

namespace GitOpsGrains.EndToEnd.Tests.Gateways;

/// <summary>Asks a gateway for its health and its readiness all the time, each time over a new connection as a kubelet does.</summary>
internal sealed class Probes : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _stop = new();
    private readonly List<Probe> _seen = [];
    private readonly Task _probing;

    public Probes(GatewayProcess gateway) => _probing = Task.Run(() => ProbeAsync(gateway.Url));

    public sealed record Probe(HttpStatusCode Status, string Body, TimeSpan Took);

    public async Task<IReadOnlyList<Probe>> EndAsync()
    {
        await _stop.CancelAsync();
        await _probing;
        return _seen;
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _stop.Dispose();
    }

    private async Task ProbeAsync(Uri url)
    {
        using var http = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero }) { BaseAddress = url };
        using var pause = new PeriodicTimer(Pause);
        while (!_stop.IsCancellationRequested)
        {
            foreach (var path in new[] { "healthz", "readyz" })
            {
                var asked = Stopwatch.GetTimestamp();
                using var answer = await http.GetAsync(path);
                _seen.Add(new Probe(answer.StatusCode, await answer.Content.ReadAsStringAsync(), Stopwatch.GetElapsedTime(asked)));
            }
            await pause.WaitForNextTickAsync();
        }
    }
}
