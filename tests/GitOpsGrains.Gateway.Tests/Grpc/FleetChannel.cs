using Grpc.Core.Interceptors;
using Grpc.Net.Client;

namespace GitOpsGrains.Gateway.Tests.Grpc;

/// <summary>gRPC as a client sees it.</summary>
internal sealed class FleetChannel : IDisposable
{
    private const int MaxAnswer = 64 * 1024 * 1024;

    public FleetChannel(Uri url, string? token)
    {
        Channel = GrpcChannel.ForAddress(url, new GrpcChannelOptions { MaxReceiveMessageSize = MaxAnswer, MaxSendMessageSize = null });
        Fleet = new V1.Fleet.FleetClient(Channel.Intercept(metadata =>
        {
            if (token is not null) metadata.Add("authorization", $"Bearer {token}");
            return metadata;
        }));
    }

    /// <summary>Without a token.</summary>
    public GrpcChannel Channel { get; }

    public V1.Fleet.FleetClient Fleet { get; }

    public void Dispose() => Channel.Dispose();
}
