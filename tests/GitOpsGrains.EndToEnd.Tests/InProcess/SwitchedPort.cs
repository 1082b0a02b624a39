using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace GitOpsGrains.EndToEnd.Tests.InProcess;

/// <summary>A loopback port that leads to another one, and later to yet another: an address whose owner changes.</summary>
public sealed class SwitchedPort : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<TcpClient, bool> _open = [];
    private readonly Task _accepting;
    private int _target;

    public SwitchedPort(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Ends all connections; new ones lead to the other port.</summary>
    public void SwitchTo(int target)
    {
        _target = target;
        foreach (var client in _open.Keys) client.Close();
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        SwitchTo(0);
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        var relays = new List<Task>();
        try
        {
            while (true) relays.Add(RelayAsync(await _listener.AcceptTcpClientAsync()));
        }
        catch (Exception ex) when (ex is SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(relays);
        }
    }

    private async Task RelayAsync(TcpClient client)
    {
        using var behind = new TcpClient();
        _open[client] = true;
        _open[behind] = true;
        try
        {
            await behind.ConnectAsync(IPAddress.Loopback, _target);
            await Task.WhenAny(client.GetStream().CopyToAsync(behind.GetStream()), behind.GetStream().CopyToAsync(client.GetStream()));
        }
        catch (Exception ex) when (ex is SocketException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Either side is gone: the connection ends.
        }
        finally
        {
            _open.TryRemove(client, out _);
            _open.TryRemove(behind, out _);
            client.Dispose();
        }
    }
}
