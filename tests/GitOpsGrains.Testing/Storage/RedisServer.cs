using System.Net;
using System.Net.Sockets;
using System.Text;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Testing.Storage;

/// <summary>A Redis server on a free loopback port, with its data in the temporary folder.</summary>
public sealed class RedisServer : IDisposable
{
    private static readonly SemaphoreSlim SharedGate = new(1, 1);
    private static RedisServer? _shared;

    private readonly OwnedProcess _process;

    private RedisServer(OwnedProcess process, int port, string password) => (_process, Port, Password) = (process, port, password);

    public int Port { get; }

    public string Password { get; }

    public string ConnectionString => $"127.0.0.1:{Port},password={Password}";

    /// <summary>The one of this test process; started by the first caller.</summary>
    public static async Task<RedisServer> SharedAsync()
    {
        await SharedGate.WaitAsync();
        try
        {
            return _shared ??= await StartAsync();
        }
        finally
        {
            SharedGate.Release();
        }
    }

    public static async Task<RedisServer> StartAsync()
    {
        var program = Tools.Require("redis-server");
        var (port, password) = (FreePort.Next(), $"p{Guid.NewGuid():N}");
        var process = await OwnedProcess.StartAsync(
            program, "--bind", "127.0.0.1", "--port", $"{port}", "--requirepass", password, "--dir", TestFolder.New("redis"), "--appendonly", "yes", "--save", "");
        await Eventually.TrueAsync(
            async () => process.HasExited ? throw new InvalidOperationException($"redis-server ended: {process.Output}") : await AnswersAsync(port),
            "an answering redis-server");
        return new RedisServer(process, port, password);
    }

    public void Pause() => _process.Pause();

    public void Resume() => _process.Resume();

    public void Dispose() => _process.Dispose();

    private static async Task<bool> AnswersAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port);
            await client.GetStream().WriteAsync("PING\r\n"u8.ToArray());
            var answer = new byte[64];
            return Encoding.ASCII.GetString(answer, 0, await client.GetStream().ReadAsync(answer)).StartsWith("-NOAUTH", StringComparison.Ordinal);
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
