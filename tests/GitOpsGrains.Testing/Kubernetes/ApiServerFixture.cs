using Xunit;

namespace GitOpsGrains.Testing.Kubernetes;

/// <summary>
/// One API server for a test class, collection or assembly. Derive from it for other options. Tests that share a server
/// work in namespaces of their own: <see cref="NewNamespaceAsync"/>.
/// </summary>
public class ApiServerFixture : IAsyncLifetime
{
    private readonly ApiServerOptions _options;
    private ApiServer? _server;
    private ToolMissingException? _missing;

    public ApiServerFixture()
        : this(new ApiServerOptions())
    {
    }

    protected ApiServerFixture(ApiServerOptions options) => _options = options;

    /// <summary>The server; skips the test that asks for it where the programs are missing.</summary>
    public ApiServer Server => _server ?? throw (Exception?)_missing ?? new InvalidOperationException("the API server has not been started");

    /// <summary>Whether the programs are here; if not, a derived fixture starts nothing that needs the server.</summary>
    protected bool HasServer => _server is not null;

    /// <summary>A fresh namespace, named after the test.</summary>
    public async Task<string> NewNamespaceAsync(string prefix = "test")
    {
        var name = $"{prefix}-{Guid.NewGuid():N}"[..(prefix.Length + 9)];
        await Server.Client.CreateNamespaceAsync(name);
        return name;
    }

    public virtual async ValueTask InitializeAsync()
    {
        try
        {
            _server = await ApiServer.StartAsync(_options);
        }
        catch (ToolMissingException missing)
        {
            // The runner takes a skip from a test, not from a fixture.
            _missing = missing;
        }
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_server is not null) await _server.DisposeAsync();
    }
}
