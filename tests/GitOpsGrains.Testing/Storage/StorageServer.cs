namespace GitOpsGrains.Testing.Storage;

/// <summary>A storage of its own that silos share, of either kind.</summary>
public sealed class StorageServer : IDisposable
{
    private readonly IDisposable _server;
    private readonly Action _pause, _resume;

    private StorageServer(IDisposable server, Action pause, Action resume, IReadOnlyDictionary<string, string> settings, string secret)
    {
        (_server, _pause, _resume) = (server, pause, resume);
        (Settings, Secret) = (settings, secret);
    }

    /// <summary>Of silos and gateways: "Section__Name".</summary>
    public IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>What nobody may read in a log.</summary>
    public string Secret { get; }

    public static async Task<StorageServer> AzureAsync()
    {
        var server = await Azurite.StartAsync();
        return new StorageServer(server, server.Pause, server.Resume, server.Settings, Azurite.Key);
    }

    public static async Task<StorageServer> RedisAsync()
    {
        var server = await RedisServer.StartAsync();
        return new StorageServer(server, server.Pause, server.Resume, server.Settings, server.Password);
    }

    public void Pause() => _pause();

    public void Resume() => _resume();

    public void Dispose() => _server.Dispose();
}
