using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using GitOpsGrains.Abstractions.Silos;
using GitOpsGrains.Storage.Azure;
using GitOpsGrains.Storage.Hosting;
using GitOpsGrains.Storage.Redis;

namespace GitOpsGrains.Silo.Configuration;

/// <summary>The settings below <c>Storage</c>, <c>Cluster</c> and <c>Silo</c>: where everything durable is, and how silos of one installation find each other.</summary>
public sealed record StorageSettings
{
    private const string DefaultId = ClusterNames.ServiceId;
    private const int DefaultSiloPort = 11111, DefaultGatewayPort = 30000, MaxId = 40;

    /// <summary>Settings <c>Storage:Kind</c> (Embedded, AzureStorage, Redis), <c>Storage:KeyDirectory</c>, <c>Storage:Azure:…</c>, <c>Storage:Redis:…</c>.</summary>
    public StorageChoice Choice { get; init; } = new();

    /// <summary>What the data belongs to: all silos of an installation have the same. Setting: <c>Cluster:ServiceId</c>. Default: gitopsgrains.</summary>
    public string ServiceId { get; init; } = DefaultId;

    /// <summary>Which silos work together. Setting: <c>Cluster:Id</c>. Default: the service id.</summary>
    public string ClusterId { get; init; } = DefaultId;

    /// <summary>Where other silos reach this one. Setting: <c>Silo:Address</c>, an IP address, or a name that is looked up at the start. Default: 127.0.0.1.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>Between silos; 0 is a free one. Setting: <c>Silo:Port</c>. Default: a free one with the embedded kind, else 11111.</summary>
    public int SiloPort { get; init; }

    /// <summary>For gateways that run as processes of their own; 0 is a free one. Setting: <c>Silo:GatewayPort</c>. Default: a free one with the embedded kind, else 30000.</summary>
    public int GatewayPort { get; init; }

    /// <summary>
    /// By which clusters are given to this silo: the same after a restart, and unique among the silos. Setting: <c>Silo:Name</c>.
    /// Default: the machine's name and the silo's port.
    /// </summary>
    public string? Name { get; init; }

    public bool IsEmbedded => Choice.Kind == StorageKind.Embedded;

    public static bool TryRead(IConfiguration configuration, [NotNullWhen(true)] out StorageSettings? settings, [NotNullWhen(false)] out string? fault)
    {
        settings = null;
        fault = null;
        var kind = StorageKind.Embedded;
        if (configuration["Storage:Kind"] is not { Length: > 0 } name || TryReadKind(name, out kind)) return TryRead(configuration, kind, out settings, out fault);
        fault = $"Storage:Kind: '{name}' is not one of {string.Join(", ", Enum.GetNames<StorageKind>())}";
        return false;
    }

    public static bool TryReadKind(string name, out StorageKind kind) =>
        // By name only: the parser takes numbers too.
        Enum.TryParse(name, ignoreCase: true, out kind) && string.Equals(name, kind.ToString(), StringComparison.OrdinalIgnoreCase);

    /// <summary>As if the kind were set to this one.</summary>
    public static bool TryRead(IConfiguration configuration, StorageKind kind, [NotNullWhen(true)] out StorageSettings? settings, [NotNullWhen(false)] out string? fault)
    {
        settings = null;
        if (!TryReadChoice(configuration.GetSection("Storage"), kind, out var choice, out fault)) return false;
        var isEmbedded = choice.Kind == StorageKind.Embedded;
        var service = configuration["Cluster:ServiceId"] ?? DefaultId;
        var cluster = configuration["Cluster:Id"] ?? service;
        if (!IsId(service) || !IsId(cluster)) fault = $"Cluster:ServiceId and Cluster:Id are at most {MaxId} lower-case letters, digits and single hyphens";
        var port = Port(configuration, "Silo:Port", isEmbedded ? 0 : DefaultSiloPort, ref fault);
        var gateway = Port(configuration, "Silo:GatewayPort", isEmbedded ? 0 : DefaultGatewayPort, ref fault);
        var address = LookUp(configuration["Silo:Address"], ref fault);
        if (fault is not null) return false;
        settings = new StorageSettings { Choice = choice, ServiceId = service, ClusterId = cluster, Address = address, SiloPort = port, GatewayPort = gateway, Name = configuration["Silo:Name"] is { Length: > 0 } name ? name : null };
        return true;
    }

    private static bool TryReadChoice(IConfigurationSection section, StorageKind kind, [NotNullWhen(true)] out StorageChoice? choice, [NotNullWhen(false)] out string? fault)
    {
        choice = null;
        fault = null;
        var azure = new AzureStorageOptions
        {
            ConnectionString = Secret(section.GetSection("Azure"), "Storage:Azure", ref fault),
            BlobServiceUri = ServiceAddress(section, "Azure:BlobServiceUri", ref fault),
            TableServiceUri = ServiceAddress(section, "Azure:TableServiceUri", ref fault),
            IdentityClientId = section["Azure:IdentityClientId"] is { Length: > 0 } client ? client : null,
        };
        var redis = new RedisOptions { ConnectionString = Secret(section.GetSection("Redis"), "Storage:Redis", ref fault) };
        if (fault is not null) return false;
        var read = new StorageChoice { Kind = kind, KeyDirectory = section["KeyDirectory"] is { Length: > 0 } keys ? Path.GetFullPath(keys) : null, Azure = azure, Redis = redis };
        fault = read.FindFault();
        if (fault is not null) return false;
        choice = read;
        return true;
    }

    /// <summary>From the setting itself or from a file.</summary>
    private static string? Secret(IConfigurationSection section, string name, ref string? fault)
    {
        if (section["ConnectionString"] is { Length: > 0 } text) return text;
        if (section["ConnectionStringFile"] is not { Length: > 0 } file) return null;
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            fault ??= $"{name}:ConnectionStringFile: '{file}' can't be read";
            return null;
        }
    }

    private static Uri? ServiceAddress(IConfigurationSection section, string name, ref string? fault)
    {
        if (section[name] is not { Length: > 0 } text) return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Query.Length == 0) return address;
        fault ??= $"Storage:{name} is not the address of a storage account";
        return null;
    }

    /// <summary>In a container only its name is known beforehand. IPv4 goes first: silos and gateways compare addresses as they are written.</summary>
    private static IPAddress LookUp(string? text, ref string? fault)
    {
        if (string.IsNullOrEmpty(text)) return IPAddress.Loopback;
        if (IPAddress.TryParse(text, out var address)) return address;
        try
        {
            return Dns.GetHostAddresses(text).OrderBy(found => found.AddressFamily != AddressFamily.InterNetwork).First();
        }
        catch (Exception unknown) when (unknown is SocketException or ArgumentException or InvalidOperationException)
        {
            fault = $"Silo:Address: '{text}' is neither an IP address nor a name that has one";
            return IPAddress.Loopback;
        }
    }

    private static int Port(IConfiguration configuration, string name, int otherwise, ref string? fault)
    {
        if (configuration[name] is not { Length: > 0 } text) return otherwise;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= IPEndPoint.MaxPort) return port;
        fault ??= $"{name}: '{text}' is not a port from 0 to {IPEndPoint.MaxPort}";
        return otherwise;
    }

    // Fits the names of containers, table rows and keys of all kinds.
    private static bool IsId(string id) =>
        id.Length is > 0 and <= MaxId && id.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-')
        && !id.StartsWith('-') && !id.EndsWith('-') && !id.Contains("--", StringComparison.Ordinal);
}
