using System.Collections.Concurrent;
using GitOpsGrains.Gateway.Tests.Grpc;
using GitOpsGrains.V1;
using Google.Rpc;
using Grpc.Core;

namespace GitOpsGrains.EndToEnd.Tests.Gateways;

/// <summary>Many calls of gRPC at once over few connections, begun again as soon as they are answered.</summary>
internal sealed class GrpcFlood : IAsyncDisposable
{
    private readonly ConcurrentDictionary<StatusCode, int> _answers = new();
    private readonly FleetChannel _channel;
    private readonly Repeated _calling;

    public GrpcFlood(Uri url, string token, int callers)
    {
        _channel = new FleetChannel(url, token);
        _calling = new Repeated(callers, async _ => _answers.AddOrUpdate(await TryAsync(), 1, (_, count) => count + 1));
    }

    /// <summary>All that was answered.</summary>
    public IEnumerable<StatusCode> Codes => _answers.Keys;

    /// <summary>Calls no more, and lets what was called come back.</summary>
    public Task StopAsync() => _calling.StopAsync();

    public override string ToString() => string.Join("; ", _answers.Select(item => $"{item.Value} x {item.Key}"));

    public async ValueTask DisposeAsync()
    {
        await _calling.DisposeAsync();
        _channel.Dispose();
    }

    private async Task<StatusCode> TryAsync()
    {
        try
        {
            await _channel.Fleet.ListApplicationsAsync(new ListApplicationsRequest());
            return StatusCode.OK;
        }
        catch (RpcException refused)
        {
            if (refused.StatusCode == StatusCode.ResourceExhausted) Assert.Equal(5, refused.GetRpcStatus()?.GetDetail<RetryInfo>()?.RetryDelay.Seconds);
            return refused.StatusCode;
        }
    }
}
