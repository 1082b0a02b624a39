using System.Security.Cryptography;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Testing.Processes;

/// <summary>Silos as processes that share a storage, a key ring, an installation and the administrator's token.</summary>
/// <param name="storage">The settings of the storage: "Storage__Kind" and where it is.</param>
public sealed class SiloGroup(IReadOnlyDictionary<string, string> storage) : IAsyncDisposable
{
    private readonly string _folder = TestFolder.New("silos");
    private readonly string _name = $"test-{Guid.NewGuid():N}"[..16];
    private readonly List<SiloProcess> _silos = [];
    private readonly List<GatewayProcess> _gateways = [];

    private string TokenFile => Path.Combine(_folder, "admin-token");

    /// <summary>Starts one more silo and waits until it is ready.</summary>
    /// <param name="name">By which clusters are given to it; null: one that nobody has.</param>
    /// <param name="further">Further settings: "Section__Name".</param>
    /// <param name="clock">Null: the machine's.</param>
    /// <param name="network">Null: that of the test.</param>
    /// <param name="version">Null: the one that was built beside the test.</param>
    public async Task<SiloProcess> StartAsync(
        string? name = null, IReadOnlyDictionary<string, string>? further = null, SteppedClock? clock = null, NetworkNamespace? network = null, OlderVersion? version = null)
    {
        var settings = Settings();
        foreach (var (setting, value) in further ?? new Dictionary<string, string>()) settings[setting] = value;
        if (name is not null) settings["Silo__Name"] = name;
        var silo = await SiloProcess.StartNewAsync(settings, clock: clock, network: network, version: version);
        _silos.Add(silo);
        return silo;
    }

    /// <summary>The settings of a silo of this group, with ports of its own.</summary>
    public Dictionary<string, string> Settings()
    {
        var keys = Directory.CreateDirectory(Path.Combine(_folder, "keys")).FullName;
        if (!File.Exists(TokenFile)) File.WriteAllText(TokenFile, "gog_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24)));
        return new Dictionary<string, string>(storage)
        {
            ["Storage__KeyDirectory"] = keys,
            ["Auth__AdminTokenFile"] = TokenFile,
            ["Installation__Name"] = _name,
            ["Cluster__ServiceId"] = _name,
            ["Silo__Port"] = "0",
            ["Silo__GatewayPort"] = "0",
            ["Secrets__Directories"] = "/",
        };
    }

    /// <summary>Starts a gateway that is told of the storage alone, and waits until it is ready.</summary>
    /// <param name="further">Further settings: "Section__Name".</param>
    /// <param name="version">Null: the one that was built beside the test.</param>
    public async Task<GatewayProcess> StartGatewayAsync(IReadOnlyDictionary<string, string>? further = null, OlderVersion? version = null)
    {
        var settings = new Dictionary<string, string>(storage) { ["Cluster__ServiceId"] = _name };
        foreach (var (setting, value) in further ?? new Dictionary<string, string>()) settings[setting] = value;
        var gateway = await GatewayProcess.StartNewAsync(() => _silos[0].Token, settings, version);
        _gateways.Add(gateway);
        return gateway;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var gateway in _gateways) await gateway.DisposeAsync();
        foreach (var silo in _silos) await silo.DisposeAsync();
    }
}
