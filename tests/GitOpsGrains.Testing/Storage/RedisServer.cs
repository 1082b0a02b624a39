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

    private readonly string _folder = TestFolder.New("redis");
    private OwnedProcess _process = null!;

    private RedisServer()
    {
    }

    public int Port { get; } = FreePort.Next();

    public string Password { get; } = $"p{Guid.NewGuid():N}";

    public string ConnectionString => $"127.0.0.1:{Port},password={Password}";

    /// <summary>Of silos and gateways that store here: "Section__Name".</summary>
    public IReadOnlyDictionary<string, string> Settings => SettingsOf(ConnectionString);

    public static IReadOnlyDictionary<string, string> SettingsOf(string connectionString) =>
        new Dictionary<string, string> { ["Storage__Kind"] = "Redis", ["Storage__Redis__ConnectionString"] = connectionString };

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
        var server = new RedisServer();
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>On the same data and port.</summary>
    public async Task StartAgainAsync()
    {
        var process = _process = await OwnedProcess.StartAsync(
            Tools.Require("redis-server"), "--bind", "127.0.0.1", "--port", $"{Port}", "--requirepass", Password, "--dir", _folder,
            "--appendonly", "yes", "--appendfsync", "always", "--save", "", "--maxmemory-policy", "noeviction");
        await Eventually.TrueAsync(
            async () => process.HasExited ? throw new InvalidOperationException($"redis-server ended: {process.Output}") : await AnswersAsync(Port),
            "an answering redis-server");
    }

    /// <summary>kill -9.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <summary>One command, as redis-cli takes it; returns the first line of the answer.</summary>
    public async Task<string> CommandAsync(string line)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port);
        using var reader = new StreamReader(client.GetStream());
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"AUTH {Password}\r\n{line}\r\n"));
        await reader.ReadLineAsync();
        return await reader.ReadLineAsync() ?? "";
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
