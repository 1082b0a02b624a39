using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using GitOpsGrains.Tls;

namespace GitOpsGrains.Silo.Configuration;

/// <summary>The settings below <c>Silo</c>: its name among the silos, and where those and gateways reach it.</summary>
public sealed record SiloEndpoints
{
    private const int DefaultSiloPort = 11111, DefaultGatewayPort = 30000;

    /// <summary>Where other silos reach this one. Setting: <c>Silo:Address</c>, an IP address, or a name that is looked up at the start. Default: 127.0.0.1.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>Between silos; 0 is a free one. Setting: <c>Silo:Port</c>. Default: a free one with the embedded kind of storage, else 11111.</summary>
    public int SiloPort { get; init; }

    /// <summary>For gateways that run as processes of their own; 0 is a free one. Setting: <c>Silo:GatewayPort</c>. Default: a free one with the embedded kind, else 30000.</summary>
    public int GatewayPort { get; init; }

    /// <summary>
    /// By which clusters are given to this silo: the same after a restart, and unique among the silos. Setting: <c>Silo:Name</c>.
    /// Default: the machine's name and the silo's port.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>Of all connections from and to other silos, and from gateways. Settings: <c>Silo:Tls:…</c>. Default: none.</summary>
    public PeerTlsSettings? Tls { get; init; }

    /// <summary>Whoever reaches the silo's ports is an administrator.</summary>
    public bool IsOpen => Tls is null && !IPAddress.IsLoopback(Address);

    public static bool TryRead(IConfiguration configuration, bool isEmbedded, [NotNullWhen(true)] out SiloEndpoints? endpoints, [NotNullWhen(false)] out string? fault)
    {
        (endpoints, fault) = (null, null);
        var port = Port(configuration, "Silo:Port", isEmbedded ? 0 : DefaultSiloPort, ref fault);
        var gateway = Port(configuration, "Silo:GatewayPort", isEmbedded ? 0 : DefaultGatewayPort, ref fault);
        var address = LookUp(configuration["Silo:Address"], ref fault);
        if (fault is not null || !PeerTlsSettings.TryRead(configuration, "Silo:Tls", TimeProvider.System, out var tls, out fault)) return false;
        endpoints = new SiloEndpoints { Address = address, SiloPort = port, GatewayPort = gateway, Tls = tls, Name = configuration["Silo:Name"] is { Length: > 0 } name ? name : null };
        return true;
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
            fault ??= $"Silo:Address: '{text}' is neither an IP address nor a name that has one";
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
}
