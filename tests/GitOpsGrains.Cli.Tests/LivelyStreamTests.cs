using System.IO.Pipelines;
using GitOpsGrains.Cli.Connection;
using Microsoft.Extensions.Time.Testing;

namespace GitOpsGrains.Cli.Tests;

public sealed class LivelyStreamTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly FakeTimeProvider _time = new();
    private readonly Pipe _pipe = new();
    private readonly byte[] _buffer = new byte[16];

    [Fact]
    public async Task Read_NothingComes_FailsAfterItsPatience()
    {
        await using var stream = new LivelyStream(_pipe.Reader.AsStream(), Patience, _time);

        var reading = stream.ReadAsync(_buffer, TestContext.Current.CancellationToken);
        _time.Advance(Patience - Second);
        Assert.False(reading.IsCompleted);
        _time.Advance(Second);

        await Assert.ThrowsAsync<IOException>(async () => await reading);
    }

    [Fact]
    public async Task Read_SomethingComesNowAndThen_GoesOn()
    {
        await using var stream = new LivelyStream(_pipe.Reader.AsStream(), Patience, _time);

        for (var number = 0; number < 3; number++)
        {
            var reading = stream.ReadAsync(_buffer, TestContext.Current.CancellationToken);
            _time.Advance(Patience - Second);
            // A comment, of which a reader of events never hears.
            await _pipe.Writer.WriteAsync(":\n"u8.ToArray(), TestContext.Current.CancellationToken);
            Assert.Equal(2, await reading);
        }
    }

    [Fact]
    public async Task Read_Cancelled_IsNoSilence()
    {
        using var stop = new CancellationTokenSource();
        await using var stream = new LivelyStream(_pipe.Reader.AsStream(), Patience, _time);

        var reading = stream.ReadAsync(_buffer, stop.Token);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await reading);
    }
}
