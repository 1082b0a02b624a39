using GitOpsGrains.Gateway.Fleet;
using GitOpsGrains.Gateway.Hosting;
using GitOpsGrains.Testing.Metrics;
using Microsoft.AspNetCore.Http;

namespace GitOpsGrains.Gateway.Tests;

/// <summary>So many requests at once, eight times as many that wait, and a clear answer for the rest.</summary>
public sealed class AdmissionTests : IDisposable
{
    private const int AtOnce = 2;

    private readonly Admission _admission = new(new GatewayListeners { AtOnce = AtOnce });
    private readonly TaskCompletionSource _working = new();
    private int _begun;

    [Fact]
    public async Task Requests_BeyondTheLimit_WaitAndBeyondTheQueueAreRefusedAtOnce()
    {
        using var measured = new Measured("gitopsgrains.api.throttled", "gitopsgrains.queue.waiting");
        var taken = Enumerable.Range(0, AtOnce * 9).Select(_ => AskAsync("/api/v1/applications")).ToArray();
        Assert.Equal(AtOnce, _begun);
        Assert.All(taken, request => Assert.False(request.IsCompleted));
        Assert.Equal([("gitopsgrains.queue.waiting queue=requests", AtOnce * 8d)], measured.Sums);

        var refusal = Refusal.Of(await Assert.ThrowsAsync<TooManyRequestsException>(() => AskAsync("/api/v1/applications")));
        Assert.Equal((RefusalCode.Unavailable, "too many requests at once; try again later"), (refusal?.Code, refusal?.Detail));
        await Assert.ThrowsAsync<TooManyRequestsException>(() => AskAsync("/gitopsgrains.v1.Fleet/ListApplications"));

        _working.SetResult();
        await Task.WhenAll(taken);
        Assert.Equal(AtOnce * 9, _begun);
        await AskAsync("/api/v1/applications");
        Assert.Equal([("gitopsgrains.api.throttled face=rest", 2d), ("gitopsgrains.queue.waiting queue=requests", 0d)], measured.Sums);
    }

    [Fact]
    public async Task Streams_AreCountedApart()
    {
        var requests = Enumerable.Range(0, AtOnce * 9).Select(_ => AskAsync("/api/v1/applications")).ToArray();
        var streams = Enumerable.Range(0, AtOnce * 32).Select(index => AskAsync(index % 2 == 0 ? "/api/v1/watch" : "/gitopsgrains.v1.Fleet/Watch")).ToArray();
        Assert.Equal(AtOnce * 33, _begun);
        await Assert.ThrowsAsync<TooManyRequestsException>(() => AskAsync("/api/v1/watch"));
        _working.SetResult();
        await Task.WhenAll([.. requests, .. streams]);
    }

    public void Dispose() => _admission.Dispose();

    private Task AskAsync(string path)
    {
        var context = new DefaultHttpContext();
        context.Request.Path = path;
        return _admission.InvokeAsync(context, _ =>
        {
            _begun++;
            return _working.Task;
        });
    }
}
