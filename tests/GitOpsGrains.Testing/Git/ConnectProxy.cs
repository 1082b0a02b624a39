using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace GitOpsGrains.Testing.Git;

/// <summary>An HTTP proxy for CONNECT on a loopback port, which may want a user and password (Basic).</summary>
public sealed class ConnectProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly string? _wanted;
    private readonly Task _serving;

    public ConnectProxy(string? user = null, string? password = null)
    {
        _wanted = user is null ? null : "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Url => $"http://{_listener.LocalEndpoint}";

    /// <summary>host:port of every tunnel that was opened.</summary>
    public ConcurrentQueue<string> Targets { get; } = [];

    /// <summary>The host that all tunnels lead to, whatever name was asked for; null: that one.</summary>
    public string? Everywhere { get; init; }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _serving;
        _stopping.Dispose();
    }

    private async Task ServeAsync()
    {
        var tunnels = new List<Task>();
        try
        {
            while (true) tunnels.Add(TunnelAsync(await _listener.AcceptTcpClientAsync(_stopping.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(tunnels);
        }
    }

    private async Task TunnelAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var near = client.GetStream();
                var target = await ReadTargetAsync(near);
                if (target is null) return;
                Targets.Enqueue(target);
                using var far = new TcpClient();
                await far.ConnectAsync(Everywhere ?? target.Split(':')[0], int.Parse(target.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture), _stopping.Token);
                await near.WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray(), _stopping.Token);
                await Task.WhenAny(near.CopyToAsync(far.GetStream(), _stopping.Token), far.GetStream().CopyToAsync(near, _stopping.Token));
            }
            catch (Exception ended) when (ended is IOException or OperationCanceledException or SocketException)
            {
                // Either side may close a tunnel at any time.
            }
        }
    }

    /// <summary>Answers 407 on the same connection until the right credentials come.</summary>
    private async Task<string?> ReadTargetAsync(NetworkStream stream)
    {
        while (await ReadHeadAsync(stream) is { Length: > 0 } head)
        {
            if (_wanted is null || head.Contains($"Proxy-Authorization: {_wanted}\r\n", StringComparison.OrdinalIgnoreCase)) return head.Split(' ')[1];
            await stream.WriteAsync("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"proxy\"\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), _stopping.Token);
        }
        return null;
    }

    private async Task<string> ReadHeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var letter = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(letter, _stopping.Token) > 0) head.Append((char)letter[0]);
        return head.ToString();
    }
}
