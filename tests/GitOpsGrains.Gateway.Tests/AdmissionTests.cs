using System.Net;
using GitOpsGrains.Gateway.Auth;
using GitOpsGrains.Gateway.Fleet;
using GitOpsGrains.Gateway.Hosting;
using GitOpsGrains.Testing.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace GitOpsGrains.Gateway.Tests;

/// <summary>So many requests at once, eight times as many that wait, of both half for one client, and a clear answer for the rest.</summary>
public sealed class AdmissionTests : IDisposable
{
    private const int AtOnce = 2;
    private const string Requests = "/api/v1/applications";

    private readonly FakeTimeProvider _time = new();
    private readonly TaskCompletionSource _working = new();
    private readonly Admission _admission;
    private int _begun;

    public AdmissionTests() => _admission = new Admission(new GatewayListeners { AtOnce = AtOnce }, new Clients(new TokenVerdicts(null!, _time)), _time);

    [Fact]
    public async Task Requests_BeyondTheLimit_WaitAndBeyondTheQueueAreRefusedAtOnce()
    {
        using var measured = new Measured("gitopsgrains.api.throttled", "gitopsgrains.queue.waiting");
        var taken = Enumerable.Range(0, AtOnce * 9).Select(client => AskAsync(Requests, client)).ToArray();
        Assert.Equal(AtOnce, _begun);
        Assert.All(taken, request => Assert.False(request.IsCompleted));
        Assert.Equal([("gitopsgrains.queue.waiting queue=requests", AtOnce * 8d)], measured.Sums);

        var refusal = Refusal.Of(await Assert.ThrowsAsync<TooManyRequestsException>(() => AskAsync(Requests, 100)));
        Assert.Equal((RefusalCode.Unavailable, "too many requests at once; try again later"), (refusal?.Code, refusal?.Detail));
        await Assert.ThrowsAsync<TooManyRequestsException>(() => AskAsync("/gitopsgrains.v1.Fleet/ListApplications", 100));

        _working.SetResult();
        await Task.WhenAll(taken);
        Assert.Equal(AtOnce * 9, _begun);
        await AskAsync(Requests, 100);
        Assert.Equal([("gitopsgrains.api.throttled face=rest", 2d), ("gitopsgrains.queue.waiting queue=requests", 0d)], measured.Sums);
    }

    [Fact]
    public async Task Requests_OfOneClient_TakeHalfAndOthersAreAnsweredBeside()
    {
        var own = Enumerable.Range(0, AtOnce * 9 / 2).Select(_ => AskAsync(Requests, 1)).ToArray();
        Assert.Equal(AtOnce / 2, _begun);
        var refusal = Refusal.Of(await Assert.ThrowsAsync<TooManyOfOneClientException>(() => AskAsync(Requests, 1)));
        Assert.Equal((RefusalCode.TooMany, "too many requests of one client at once; ask for less at a time, and try again later"), (refusal?.Code, refusal?.Detail));

        var other = AskAsync(Requests, 2);
        Assert.Equal((AtOnce / 2) + 1, _begun);
        _working.SetResult();
        await Task.WhenAll([.. own, other]);
        Assert.Equal(own.Length + 1, _begun);
    }

    [Fact]
    public async Task Requests_ThatWaitedTooLong_AreRefusedAndTakeNoPlace()
    {
        var working = new[] { AskAsync(Requests, 1), AskAsync(Requests, 2) };
        var (own, all) = (AskAsync(Requests, 1), AskAsync(Requests, 3));
        _time.Advance(Lane.LongestWait - TimeSpan.FromMilliseconds(1));
        Assert.False(own.IsCompleted || all.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await Assert.ThrowsAsync<TooManyOfOneClientException>(() => own);
        await Assert.ThrowsAsync<TooManyRequestsException>(() => all);

        _working.SetResult();
        await Task.WhenAll(working);
        await Task.WhenAll(AskAsync(Requests, 1), AskAsync(Requests, 3));
        Assert.Equal(4, _begun);
    }

    /// <summary>Its own requests took most of the time: that others were served before it in the end is not what it is to know.</summary>
    [Fact]
    public async Task Requests_ThatWaitedBehindTheirOwn_AreToldSoThoughTheLastOfItWasForOthers()
    {
        using var lane = new Lane(AtOnce, AtOnce * 8, _time);
        var stop = TestContext.Current.CancellationToken;
        var first = await lane.EnterAsync("greedy", stop);
        using var other = await lane.EnterAsync("other", stop);
        var (second, third) = (lane.EnterAsync("greedy", stop).AsTask(), lane.EnterAsync("third", stop).AsTask());
        _time.Advance(Lane.LongestWait - TimeSpan.FromMilliseconds(1));
        first.Dispose();
        using var served = await third;
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await Assert.ThrowsAsync<TooManyOfOneClientException>(() => second);
    }

    [Fact]
    public async Task Requests_WhoseClientWentWhileTheyWaited_AreNotWorkedOn()
    {
        using var gone = new CancellationTokenSource();
        var working = new[] { AskAsync(Requests, 1), AskAsync(Requests, 2) };
        var waiting = new[] { AskAsync(Requests, 1, gone.Token), AskAsync(Requests, 3, gone.Token) };
        await gone.CancelAsync();
        foreach (var request in waiting) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        _working.SetResult();
        await Task.WhenAll(working);
        Assert.Equal(2, _begun);
    }

    /// <summary>Paths are found whatever their case: the limits may not be passed by writing them otherwise.</summary>
    [Fact]
    public async Task WhatIsHeld_IsCountedApart()
    {
        string[] held =
        [
            "/api/v1/watch", "/API/v1/Watch", "/gitopsgrains.v1.Fleet/Watch", "/GITOPSGRAINS.v1.fleet/watch",
            "/api/v1/operations/x?wait=20s", "/gitopsgrains.v1.Fleet/GetOperation",
        ];
        var requests = Enumerable.Range(0, AtOnce * 9).Select(client => AskAsync(Requests, client)).ToArray();
        var streams = Enumerable.Range(0, AtOnce * 32).Select(index => AskAsync(held[index % held.Length], index / 32)).ToArray();
        Assert.Equal(AtOnce * 33, _begun);
        await Assert.ThrowsAsync<TooManyOfOneClientException>(() => AskAsync("/api/v1/watch", 1));
        await Assert.ThrowsAsync<TooManyRequestsException>(() => AskAsync("/api/v1/watch", 3));
        await Assert.ThrowsAsync<TooManyRequestsException>(() => AskAsync("/api/v1/operations/x", 100));
        _working.SetResult();
        await Task.WhenAll([.. requests, .. streams]);
    }

    [Theory]
    [InlineData("10.0.0.1", "10.0.0.1")]
    [InlineData("::ffff:10.0.0.1", "10.0.0.1")]
    [InlineData("2001:db8:1:2:3:4:5:6", "20010DB800010002")]
    [InlineData("2001:db8:1:2::9", "20010DB800010002")]
    public void Address_OfTheSameNeighbourhood_IsOneClient(string address, string client) => Assert.Equal(client, Clients.AddressOf(IPAddress.Parse(address)));

    public void Dispose() => _admission.Dispose();

    private Task AskAsync(string path, int client, CancellationToken aborted = default)
    {
        var context = new DefaultHttpContext { RequestAborted = aborted };
        (context.Request.Path, context.Request.QueryString) = path.Split('?') is [var before, var query] ? (before, new QueryString("?" + query)) : (path, QueryString.Empty);
        context.Connection.RemoteIpAddress = IPAddress.Parse($"10.0.0.{client}");
        return _admission.InvokeAsync(context, _ =>
        {
            _begun++;
            return _working.Task;
        });
    }
}
