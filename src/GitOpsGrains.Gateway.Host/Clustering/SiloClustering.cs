using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using GitOpsGrains.Storage.Hosting;
using Orleans.Configuration;
using Orleans.Messaging;

namespace GitOpsGrains.Gateway.Host.Clustering;

/// <summary>
/// How silos are found: in the membership that they keep in their storage, or, where the storage is one silo's own, by the names of a list.
/// </summary>
public sealed record SiloClustering
{
    /// <summary>How old the gateway's knowledge of silos may be, and when one that was found dead is tried again.</summary>
    internal static readonly TimeSpan RefreshPeriod = TimeSpan.FromSeconds(3);

    /// <summary>The silos' own settings <c>Storage:…</c> and <c>Cluster:…</c>. Default: the embedded kind, whose silo is named by <see cref="Silos"/>.</summary>
    public StorageSettings Storage { get; init; } = new();

    /// <summary>host:port of gateway ports of silos. Setting: <c>Gateway:Silos</c>, a comma-separated list. Default: 127.0.0.1:30000.</summary>
    public IReadOnlyList<DnsEndPoint> Silos { get; init; } = [new DnsEndPoint("127.0.0.1", 30000)];

    public static bool TryRead(IConfiguration configuration, [NotNullWhen(true)] out SiloClustering? clustering, [NotNullWhen(false)] out string? fault)
    {
        clustering = null;
        if (!StorageSettings.TryRead(configuration, isClient: true, out var storage, out fault)) return false;
        var read = new SiloClustering { Storage = storage };
        if (configuration["Gateway:Silos"] is { } text)
        {
            if (!storage.IsEmbedded) fault = $"Gateway:Silos is for Storage:Kind=Embedded; with {storage.Choice.Kind} silos are found in their storage";
            else read = read with { Silos = ReadList(text, out fault) };
        }
        clustering = fault is null ? read : null;
        return fault is null;
    }

    public void Use(IClientBuilder client)
    {
        client.Services.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (Storage.ClusterId, Storage.ServiceId));
        client.Services.Configure<GatewayOptions>(gateways => gateways.GatewayListRefreshPeriod = RefreshPeriod);
        if (Storage.IsEmbedded) client.Services.AddSingleton<IGatewayListProvider>(provider => ActivatorUtilities.CreateInstance<NamedSilos>(provider, Silos));
        else client.UseStorageClustering(Storage.Choice);
        var source = client.Services.Last(service => service.ServiceType == typeof(IGatewayListProvider));
        client.Services.Remove(source);
        client.Services.AddSingleton<IGatewayListProvider>(provider => ActivatorUtilities.CreateInstance<KnownSilos>(provider, source.Create<IGatewayListProvider>(provider)));
    }

    public override string ToString() => Storage.IsEmbedded
        ? string.Join(", ", Silos.Select(silo => $"{silo.Host}:{silo.Port}"))
        : $"those of cluster {Storage.ClusterId} in {Storage.Choice.Kind}";

    private static List<DnsEndPoint> ReadList(string text, out string? fault)
    {
        fault = null;
        var silos = new List<DnsEndPoint>();
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (Parse(part) is { } silo) silos.Add(silo);
            else fault ??= $"Gateway:Silos: '{part}' is not host:port";
        }
        if (silos.Count == 0) fault ??= "Gateway:Silos: names no silo; give host:port of at least one";
        return silos;
    }

    private static DnsEndPoint? Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is 0 or > IPEndPoint.MaxPort) return null;
        var host = text[..colon].Trim('[', ']');
        return Uri.CheckHostName(host) == UriHostNameType.Unknown ? null : new DnsEndPoint(host, port);
    }
}
