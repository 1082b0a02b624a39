using System.Net;
using GitOpsGrains.Gateway.Metrics;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Gateway.Hosting;

/// <summary>
/// How many connections are open at once, half of them from one address at most; what is beyond that is closed before anything of it is
/// read. Whoever opens many and says nothing takes nobody else's place.
/// </summary>
internal sealed partial class Connections(GatewayListeners listeners, TimeProvider time, ILogger<Connections> logger)
{
    private static readonly TimeSpan HeadersTime = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan PingAfter = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PingTime = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _byClient = new(StringComparer.Ordinal);
    private int _open;
    private long? _toldAt;

    public static void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        // One that sends its headers byte by byte is cut off; one that is gone without a word holds no stream.
        kestrel.Limits.RequestHeadersTimeout = HeadersTime;
        (kestrel.Limits.Http2.KeepAlivePingDelay, kestrel.Limits.Http2.KeepAlivePingTimeout) = (PingAfter, PingTime);
        kestrel.ConfigureEndpointDefaults(endpoint =>
        {
            var connections = endpoint.ApplicationServices.GetRequiredService<Connections>();
            endpoint.Use(next => connection => connections.InvokeAsync(connection, next));
        });
    }

    public async Task InvokeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var client = Clients.AddressOf((connection.RemoteEndPoint as IPEndPoint)?.Address);
        if (!TryEnter(client))
        {
            ApiInstruments.ConnectionRefused();
            return;
        }
        ApiInstruments.Connected(1);
        try
        {
            await next(connection);
        }
        finally
        {
            ApiInstruments.Connected(-1);
            Leave(client);
        }
    }

    private bool TryEnter(string client)
    {
        lock (_gate)
        {
            var own = _byClient.GetValueOrDefault(client);
            if (_open < listeners.Connections && own < listeners.Connections / 2)
            {
                (_open, _byClient[client]) = (_open + 1, own + 1);
                return true;
            }
            if (_toldAt is { } at && time.GetElapsedTime(at) < Pause) return false;
            _toldAt = time.GetTimestamp();
            LogRefused(_open, own, client, listeners.Connections);
            return false;
        }
    }

    private void Leave(string client)
    {
        lock (_gate)
        {
            _open--;
            if (--_byClient[client] == 0) _byClient.Remove(client);
        }
    }

    [LoggerMessage(3003, LogLevel.Warning, "Connections are refused: {Open} are open, {Own} of them from {Client}; Http:Connections is {Limit}, and half of it for one address")]
    private partial void LogRefused(int open, int own, string client, int limit);
}
