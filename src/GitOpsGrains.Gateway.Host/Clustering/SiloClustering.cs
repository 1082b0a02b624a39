using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using GitOpsGrains.Abstractions.Silos;
using Orleans.Configuration;
using Orleans.Messaging;

namespace GitOpsGrains.Gateway.Host.Clustering;

/// <summary>How silos are found: by the names of a list. A storage with a membership table that clients can read is another way.</summary>
public sealed record SiloClustering
{
    /// <summary>host:port of gateway ports of silos. Setting: <c>Gateway:Silos</c>, a comma-separated list. Default: 127.0.0.1:30000.</summary>
    public IReadOnlyList<DnsEndPoint> Silos { get; init; } = [new DnsEndPoint("127.0.0.1", 30000)];

    /// <summary>The silos' own. Settings: <c>Cluster:Id</c> and <c>Cluster:ServiceId</c>. Defaults: the service id, and gitopsgrains.</summary>
    public string ClusterId { get; init; } = ClusterNames.ClusterId;

    /// <inheritdoc cref="ClusterId"/>
    public string ServiceId { get; init; } = ClusterNames.ServiceId;

    public static bool TryRead(IConfiguration configuration, [NotNullWhen(true)] out SiloClustering? clustering, [NotNullWhen(false)] out string? fault)
    {
        var service = configuration["Cluster:ServiceId"] ?? ClusterNames.ServiceId;
        (clustering, fault) = (new SiloClustering { ServiceId = service, ClusterId = configuration["Cluster:Id"] ?? service }, null);
        if (configuration["Gateway:Silos"] is not { } text) return true;
        var silos = new List<DnsEndPoint>();
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (Parse(part) is { } silo) silos.Add(silo);
            else fault ??= $"Gateway:Silos: '{part}' is not host:port";
        }
        if (silos.Count == 0) fault ??= "Gateway:Silos: names no silo; give host:port of at least one";
        clustering = fault is null ? clustering with { Silos = silos } : null;
        return fault is null;
    }

    public void Use(IClientBuilder client)
    {
        client.Services.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (ClusterId, ServiceId));
        client.Services.Configure<GatewayOptions>(gateways => gateways.GatewayListRefreshPeriod = NamedSilos.RefreshPeriod);
        client.Services.AddSingleton<IGatewayListProvider>(provider => ActivatorUtilities.CreateInstance<NamedSilos>(provider, Silos));
    }

    public override string ToString() => string.Join(", ", Silos.Select(silo => $"{silo.Host}:{silo.Port}"));

    private static DnsEndPoint? Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is 0 or > IPEndPoint.MaxPort) return null;
        var host = text[..colon].Trim('[', ']');
        return Uri.CheckHostName(host) == UriHostNameType.Unknown ? null : new DnsEndPoint(host, port);
    }
}
