using System.Collections.Concurrent;
using GitOpsGrains.Gateway.Tests.Grpc;
using GitOpsGrains.V1;
using Google.Rpc;
using Grpc.Core;

namespace GitOpsGrains.EndToEnd.Tests.Gateways;

/// <summary>Many calls of gRPC at once over few connections, begun again as soon as they are answered.</summary>
internal sealed class GrpcFlood : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<StatusCode, int> _answers = new();
    private readonly FleetChannel _channel;
    private readonly Task _calling;

    public GrpcFlood(Uri url, string token, int callers)
    {
        _channel = new FleetChannel(url, token);
        _calling = Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(CallAsync)));
    }

    /// <summary>All that was answered.</summary>
    public IEnumerable<StatusCode> Codes => _answers.Keys;

    /// <summary>Calls no more, and lets what was called come back.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _calling;
    }

    public override string ToString() => string.Join("; ", _answers.Select(item => $"{item.Value} x {item.Key}"));

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _channel.Dispose();
        _stop.Dispose();
    }

    private async Task CallAsync()
    {
        while (!_stop.IsCancellationRequested) _answers.AddOrUpdate(await TryAsync(), 1, (_, count) => count + 1);
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
