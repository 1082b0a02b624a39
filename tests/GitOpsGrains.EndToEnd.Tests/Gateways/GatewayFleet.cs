using System.Globalization;
using GitOpsGrains.Gateway.Tests.Grpc;
using GitOpsGrains.Testing.Kubernetes;
using GitOpsGrains.Testing.Processes;

namespace GitOpsGrains.EndToEnd.Tests.Gateways;

/// <summary>A fleet whose silo can be reached by gateways that are processes of their own.</summary>
public sealed class GatewayFleet : FleetFixture
{
    public int SiloPort { get; } = FreePort.Next();

    protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string> { ["Silo__GatewayPort"] = SiloPort.ToString(CultureInfo.InvariantCulture) };

    /// <summary>A gateway that has the silo.</summary>
    public async Task<GatewayProcess> NewGatewayAsync()
    {
        var gateway = await GatewayProcess.StartNewAsync(SiloPort, () => Silo.Token);
        await gateway.ReadyAsync();
        return gateway;
    }

    internal FleetChannel Channel(GatewayProcess gateway) => new(gateway.GrpcUrl, Silo.Token);
}
