using System.IO.Pipelines;
using System.Net;
using GitOpsGrains.Gateway.Fleet;
using GitOpsGrains.Gateway.Webhooks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace GitOpsGrains.Gateway.Tests;

/// <summary>Anybody may send a webhook, and slowly.</summary>
public sealed class WebhookBodiesTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly WebhookBodies _bodies;

    public WebhookBodiesTests() => _bodies = new WebhookBodies(new WebhookOptions { Concurrency = 4 }, _time);

    [Fact]
    public async Task Bodies_ThatOneAddressSendsSlowly_LeaveRoomForThoseOfOthers()
    {
        var slow = Enumerable.Range(0, 20).Select(_ => TakeAsync("10.0.0.1", new Pipe().Reader.AsStream())).ToArray();
        var other = await TakeAsync("10.0.0.2", new MemoryStream([1, 2, 3])).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Equal([1, 2, 3], other!.Value.ToArray());
        Assert.All(slow, body => Assert.False(body.IsCompleted));

        // Those that have a place had their time, and those that waited for one, too.
        _time.Advance(TimeSpan.FromSeconds(10));
        var ends = await Task.WhenAll(slow.Select(async body => await Record.ExceptionAsync(() => body)));
        Assert.Equal([(nameof(TimeoutException), 2), (nameof(TooManyOfOneClientException), 18)], ends.GroupBy(end => end!.GetType().Name).Select(group => (group.Key, group.Count())).Order());
    }

    public void Dispose() => _bodies.Dispose();

    private Task<ReadOnlyMemory<byte>?> TakeAsync(string address, Stream body)
    {
        var context = new DefaultHttpContext();
        context.Request.Body = body;
        context.Connection.RemoteIpAddress = IPAddress.Parse(address);
        return _bodies.TakeAsync(context.Request, TestContext.Current.CancellationToken);
    }
}
