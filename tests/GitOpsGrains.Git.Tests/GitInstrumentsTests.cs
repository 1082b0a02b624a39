using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using GitOpsGrains.Abstractions.Ports.Git;

namespace GitOpsGrains.Git.Tests;

public sealed class GitInstrumentsTests
{
    [Fact]
    public async Task Operations_AreMeasuredByNameAndOutcome()
    {
        var seen = new ConcurrentBag<(object? Operation, object? Outcome)>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == GitInstruments.MeterName) self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((_, _, tags, _) => seen.Add((tags[0].Value, tags[1].Value)));
        listener.Start();
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        await work.PublishAsync("a.yaml", "a: 1\n");
        await harness.PullAsync(MirrorHarness.Access(work));
        await MirrorHarness.FailsAsync(
            () => harness.Mirrors.ReadCommitAsync(MirrorHarness.Access(work), new string('1', 40), CancellationToken.None), GitErrorKind.CommitNotFound);

        Assert.Contains(("ListRefsAsync", "Done"), seen);
        Assert.Contains(("FetchAsync", "Done"), seen);
        Assert.Contains(("ReadCommitAsync", "CommitNotFound"), seen);
    }
}
