using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace GitOpsGrains.Testing.Processes;

/// <summary>
/// Stands between a client and a server: hands on what both say, later or not at all, and may answer by itself.
/// </summary>
public sealed class TcpRelay : IDisposable
{
    private readonly Socket _listener;
    private readonly Func<Task<Socket>> _connect;
    private readonly ConcurrentDictionary<Socket, bool> _open = new();
    private readonly CancellationTokenSource _stopping = new();
    private volatile byte[]? _answer;
    private volatile bool _isCut;
    private long _delay;

    /// <param name="listener">Bound to where clients come.</param>
    /// <param name="connect">Reaches the server.</param>
    public TcpRelay(Socket listener, Func<Task<Socket>> connect)
    {
        (_listener, _connect) = (listener, connect);
        _listener.Listen();
        _ = Task.Run(AcceptAsync);
    }

    /// <summary>Stands between clients of a free port of 127.0.0.1 and the server at another one.</summary>
    public static TcpRelay To(int server) => new(Bound(0), () => ConnectAsync(NewSocket(), server));

    /// <summary>Where clients come.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>How long an answer takes more than the server's own time. Default: nothing.</summary>
    public TimeSpan Delay
    {
        get => TimeSpan.FromTicks(Volatile.Read(ref _delay));
        set => Volatile.Write(ref _delay, value.Ticks);
    }

    /// <summary>Whatever a client says is answered with this, and then its connection is closed. Null: the server answers.</summary>
    public void AnswerAll(byte[]? answer)
    {
        _answer = answer;
        if (answer is not null) CloseAll();
    }

    /// <summary>Nobody gets through any more: what is open ends, what comes is closed at once.</summary>
    public void Cut()
    {
        _isCut = true;
        CloseAll();
    }

    public void Mend() => _isCut = false;

    public void Dispose()
    {
        _stopping.Cancel();
        _listener.Dispose();
        CloseAll();
        _stopping.Dispose();
    }

    internal static Socket NewSocket() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    /// <param name="port">Of 127.0.0.1; 0: any that is free.</param>
    internal static Socket Bound(int port)
    {
        var socket = NewSocket();
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        return socket;
    }

    internal static async Task<Socket> ConnectAsync(Socket socket, int port)
    {
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private void CloseAll()
    {
        foreach (var socket in _open.Keys)
            if (_open.TryRemove(socket, out _)) socket.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptAsync(_stopping.Token));
        }
        catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The relay is closed.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        _open[client] = true;
        Socket? server = null;
        try
        {
            if (_isCut) return;
            if (_answer is { } answer)
            {
                await client.ReceiveAsync(new byte[64 * 1024], _stopping.Token);
                await client.SendAsync(answer, _stopping.Token);
                client.Shutdown(SocketShutdown.Both);
                return;
            }
            server = await _connect();
            _open[server] = true;
            client.NoDelay = server.NoDelay = true;
            await Task.WhenAny(PumpAsync(client, server, isLate: false), PumpAsync(server, client, isLate: true));
        }
        catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // One of the two is gone: the other one learns it below.
        }
        finally
        {
            foreach (var socket in new[] { client, server }.OfType<Socket>())
                if (_open.TryRemove(socket, out _)) socket.Dispose();
        }
    }

    /// <summary>What is late stays in order, and does not hold up what follows it.</summary>
    private async Task PumpAsync(Socket from, Socket to, bool isLate)
    {
        var sent = Task.CompletedTask;
        while (true)
        {
            var buffer = new byte[64 * 1024];
            var count = await from.ReceiveAsync(buffer, _stopping.Token);
            if (count == 0) return;
            var part = buffer.AsMemory(0, count);
            if (isLate && Delay > TimeSpan.Zero) sent = SendLaterAsync(sent, to, part, Delay);
            else
            {
                await sent;
                await to.SendAsync(part, _stopping.Token);
            }
        }
    }

    private async Task SendLaterAsync(Task before, Socket to, ReadOnlyMemory<byte> part, TimeSpan delay)
    {
        using var timer = new PeriodicTimer(delay);
        await timer.WaitForNextTickAsync(_stopping.Token);
        await before;
        await to.SendAsync(part, _stopping.Token);
    }
}
