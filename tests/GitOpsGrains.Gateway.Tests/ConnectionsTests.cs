using System.Net;
using GitOpsGrains.Gateway.Hosting;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Metrics;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace GitOpsGrains.Gateway.Tests;

/// <summary>So many connections at once, half of them for one address, and whatever ends makes room.</summary>
public sealed class ConnectionsTests : IDisposable
{
    private const string Told = "Connections are refused: 3 are open, 3 of them from 20010DB800010002; Http:Connections is 6, and half of it for one address ";

    private readonly TaskCompletionSource _ends = new();
    private readonly FakeTimeProvider _time = new();
    private readonly LogLines _log = new();

    private int _begun;

    private Connections Limited => field ??= new Connections(new GatewayListeners { Connections = 6 }, _time, LoggerFactory.Create(logging => logging.AddProvider(_log)).CreateLogger<Connections>());

    [Fact]
    public async Task Connections_OfOneAddress_TakeHalfAndOthersComeInBeside()
    {
        using var measured = new Measured("gitopsgrains.connections", "gitopsgrains.connections.refused");
        var own = Enumerable.Range(0, 5).Select(_ => ConnectAsync("10.0.0.1")).ToArray();
        Assert.Equal(3, _begun);
        Assert.Equal([false, false, false, true, true], own.Select(connection => connection.IsCompleted));

        var others = Enumerable.Range(2, 4).Select(client => ConnectAsync($"10.0.0.{client}")).ToArray();
        Assert.Equal([false, false, false, true], others.Select(connection => connection.IsCompleted));
        Assert.Equal([("gitopsgrains.connections", 6d), ("gitopsgrains.connections.refused", 3d)], measured.Sums);

        _ends.SetResult();
        await Task.WhenAll([.. own, .. others]);
        await ConnectAsync("10.0.0.1");
        Assert.Equal(7, _begun);
        Assert.Equal([("gitopsgrains.connections", 0d), ("gitopsgrains.connections.refused", 3d)], measured.Sums);
    }

    [Fact]
    public async Task Connections_ThatEndWithAnError_LeaveTheirPlace()
    {
        for (var times = 0; times < 10; times++)
            await Assert.ThrowsAsync<IOException>(() => Limited.InvokeAsync(From("10.0.0.1"), _ => throw new IOException("reset")));
        _ends.SetResult();
        await ConnectAsync("10.0.0.1");
        Assert.Equal(1, _begun);
    }

    [Fact]
    public async Task Refusals_AreToldOnceAMinute()
    {
        var open = Enumerable.Range(0, 3).Select(_ => ConnectAsync("2001:db8:1:2::9")).ToArray();
        for (var times = 0; times < 5; times++) await ConnectAsync("2001:db8:1:2::10");
        Assert.Equal(Told, _log.Text);
        _time.Advance(TimeSpan.FromMinutes(1));
        await ConnectAsync("2001:db8:1:2::10");
        Assert.Equal($"{Told}\n{Told}", _log.Text);
        _ends.SetResult();
        await Task.WhenAll(open);
    }

    public void Dispose() => _log.Dispose();

    private Task ConnectAsync(string address) => Limited.InvokeAsync(From(address), _ =>
    {
        _begun++;
        return _ends.Task;
    });

    private static DefaultConnectionContext From(string address) => new() { RemoteEndPoint = new IPEndPoint(IPAddress.Parse(address), 1) };
}
