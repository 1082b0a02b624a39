using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Tls;

/// <summary>One line for each refused peer: peers try again every second, and strangers may be many.</summary>
internal sealed partial class Refusals(TimeProvider time, ILogger<Refusals> logger)
{
    private const int MaxRemembered = 1000;
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, long> _told = new();

    /// <param name="isIncoming">Whether the peer came here.</param>
    public void Tell(bool isIncoming, EndPoint? remote, string reason)
    {
        var peer = isIncoming && remote is IPEndPoint { Address: var address } ? address.ToString() : remote?.ToString() ?? "?";
        var key = $"{isIncoming} {peer} {reason}";
        if (_told.TryGetValue(key, out var at) && time.GetElapsedTime(at) < Pause) return;
        if (_told.Count >= MaxRemembered) _told.Clear();
        _told[key] = time.GetTimestamp();
        if (isIncoming) LogRefused(peer, reason);
        else LogNotConnected(peer, reason);
    }

    [LoggerMessage(3303, LogLevel.Warning, "Refused a connection from {Peer}: {Reason}")]
    private partial void LogRefused(string peer, string reason);

    [LoggerMessage(3304, LogLevel.Warning, "Not connected to {Peer}: {Reason}")]
    private partial void LogNotConnected(string peer, string reason);
}
