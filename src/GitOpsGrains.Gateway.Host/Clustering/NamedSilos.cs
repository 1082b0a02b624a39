using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Orleans.Messaging;

namespace GitOpsGrains.Gateway.Host.Clustering;

/// <summary>The silos of a list, whose names are looked up each time: one name may stand for many silos, and for others tomorrow.</summary>
internal sealed partial class NamedSilos(IReadOnlyList<DnsEndPoint> silos, ILogger<NamedSilos> logger) : IGatewayListProvider
{
    private readonly ConcurrentDictionary<DnsEndPoint, IReadOnlyList<IPEndPoint>> _found = [];

    /// <summary>A silo that was found dead is tried again after this.</summary>
    public TimeSpan MaxStaleness => SiloClustering.RefreshPeriod;

    public bool IsUpdatable => true;

    public Task InitializeGatewayListProvider() => Task.CompletedTask;

    public async Task<IList<Uri>> GetGateways()
    {
        var found = await Task.WhenAll(silos.Select(LookUpAsync));
        return [.. found.SelectMany(addresses => addresses).Distinct().Select(address => SiloAddress.New(address, 0).ToGatewayUri())];
    }

    private async Task<IReadOnlyList<IPEndPoint>> LookUpAsync(DnsEndPoint silo)
    {
        if (IPAddress.TryParse(silo.Host, out var address)) return [new IPEndPoint(address, silo.Port)];
        try
        {
            return _found[silo] = [.. (await Dns.GetHostAddressesAsync(silo.Host)).Select(known => new IPEndPoint(known, silo.Port))];
        }
        catch (SocketException unknown)
        {
            LogUnknown(silo.Host, unknown.Message);
            // A name server that is away for a moment must not part the gateway from a silo that answers.
            return _found.GetValueOrDefault(silo) ?? [];
        }
    }

    [LoggerMessage(3101, LogLevel.Warning, "The address of the silo {Host} can't be found: {Reason}")]
    private partial void LogUnknown(string host, string reason);
}
