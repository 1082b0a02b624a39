using System.Net;
using System.Net.Sockets;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Testing.Storage;

/// <summary>The emulator of Azure storage on free loopback ports, with its data in the temporary folder.</summary>
public sealed class Azurite : IDisposable
{
    // The emulator's account and key are public and the same everywhere.
    private const string Account = "devstoreaccount1";
    public const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
    private static readonly SemaphoreSlim SharedGate = new(1, 1);
    private static Azurite? _shared;

    private readonly string _folder = TestFolder.New("azurite");
    private readonly int _queuePort = FreePort.Next();
    private OwnedProcess _process = null!;

    private Azurite()
    {
    }

    public int BlobPort { get; } = FreePort.Next();

    public int TablePort { get; } = FreePort.Next();

    public string ConnectionString => ConnectionWith(Key);

    /// <summary>Of silos and gateways that store here: "Section__Name".</summary>
    public IReadOnlyDictionary<string, string> Settings => SettingsOf(ConnectionString);

    public static IReadOnlyDictionary<string, string> SettingsOf(string connectionString) =>
        new Dictionary<string, string> { ["Storage__Kind"] = "AzureStorage", ["Storage__Azure__ConnectionString"] = connectionString };

    /// <summary>The last lines that it printed: one for each request.</summary>
    public string Log => _process.Output;

    /// <summary>The one of this test process; started by the first caller.</summary>
    public static async Task<Azurite> SharedAsync()
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

    public static async Task<Azurite> StartAsync()
    {
        var server = new Azurite();
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>On the same data and ports.</summary>
    public async Task StartAgainAsync()
    {
        var process = _process = await OwnedProcess.StartAsync(
            new OwnedProcessOptions { KeptLines = 20_000 }, Tools.Require("azurite"),
            "--location", _folder, "--blobPort", $"{BlobPort}", "--queuePort", $"{_queuePort}", "--tablePort", $"{TablePort}", "--disableTelemetry");
        await Eventually.TrueAsync(
            async () => process.HasExited ? throw new InvalidOperationException($"azurite ended: {process.Output}") : await ListensAsync(BlobPort) && await ListensAsync(TablePort),
            "a listening azurite", TimeSpan.FromSeconds(60));
    }

    /// <summary>kill -9. Its tables are saved every few seconds alone: what was acknowledged in them meanwhile may be gone.</summary>
    public Task KillAsync() => _process.KillAsync();

    public string ConnectionWith(string key) =>
        $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={key};BlobEndpoint=http://127.0.0.1:{BlobPort}/{Account};TableEndpoint=http://127.0.0.1:{TablePort}/{Account}";

    public void Pause() => _process.Pause();

    public void Resume() => _process.Resume();

    public void Dispose() => _process.Dispose();

    private static async Task<bool> ListensAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
