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

    /// <summary>Starts one more silo and waits until it is ready.</summary>
    /// <param name="name">By which clusters are given to it; null: one that nobody has.</param>
    public async Task<SiloProcess> StartAsync(string? name = null)
    {
        var settings = Settings();
        if (name is not null) settings["Silo__Name"] = name;
        var silo = await SiloProcess.StartNewAsync(settings);
        _silos.Add(silo);
        return silo;
    }

    /// <summary>The settings of a silo of this group, with ports of its own.</summary>
    public Dictionary<string, string> Settings()
    {
        var keys = Directory.CreateDirectory(Path.Combine(_folder, "keys")).FullName;
        var token = Path.Combine(_folder, "admin-token");
        if (!File.Exists(token)) File.WriteAllText(token, "gog_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24)));
        return new Dictionary<string, string>(storage)
        {
            ["Storage__KeyDirectory"] = keys,
            ["Auth__AdminTokenFile"] = token,
            ["Installation__Name"] = _name,
            ["Cluster__ServiceId"] = _name,
            ["Silo__Port"] = "0",
            ["Silo__GatewayPort"] = "0",
            ["Secrets__Directories"] = "/",
        };
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in _silos) await silo.DisposeAsync();
    }
}
