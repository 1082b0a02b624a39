using System.Net;
using System.Net.Sockets;
using Orleans.Messaging;

namespace GitOpsGrains.Gateway.Host.Clustering;

/// <summary>The silos of a list, whose names are looked up each time: one name may stand for many silos, and for others tomorrow.</summary>
internal sealed partial class NamedSilos(IReadOnlyList<DnsEndPoint> silos, ILogger<NamedSilos> logger) : IGatewayListProvider
{
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
            return [.. (await Dns.GetHostAddressesAsync(silo.Host)).Select(known => new IPEndPoint(known, silo.Port))];
        }
        catch (SocketException unknown)
        {
            LogUnknown(silo.Host, unknown.Message);
            return [];
        }
    }

    [LoggerMessage(3101, LogLevel.Warning, "The address of the silo {Host} can't be found: {Reason}")]
    private partial void LogUnknown(string host, string reason);
}
