using System.Diagnostics.Metrics;
using GitOpsGrains.Gateway.Metrics;
using GitOpsGrains.Testing.Metrics;

namespace GitOpsGrains.Gateway.Tests.Metrics;

/// <summary>From instruments to the text that Prometheus reads. Tests share the process, so each takes values that nothing else has.</summary>
public sealed class MeterExportTests : IDisposable
{
    private readonly MeterExport _export = new();
    private readonly Meter _meter = new("test");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Counter_WithAValueThatIsNotListed_CountsAsOther()
    {
        var counter = _meter.CreateCounter<long>("gitopsgrains.storage.failures", "{request}", "Of a test.");
        counter.Add(2, new("store", "state"), new("operation", "sideways"));
        counter.Add(3, new("operation", "upwards"), new("application", "shop"));

        var scrape = await ReadAsync();
        Assert.Equal(2, scrape["gitopsgrains_storage_failures_total{store=\"state\",operation=\"other\"}"]);
        Assert.Equal(3, scrape["gitopsgrains_storage_failures_total{store=\"other\",operation=\"other\"}"]);
        Assert.Equal("counter", scrape.Families.Single(family => family.Name == "gitopsgrains_storage_failures_total").Type);
    }

    [Fact]
    public async Task Instrument_ThatIsNotListed_IsNotShown()
    {
        _meter.CreateCounter<long>("gitopsgrains.secret").Add(1);
        Assert.DoesNotContain((await ReadAsync()).Families, family => family.Name.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Instruments_OfOneName_AreOneMetric()
    {
        using var other = new Meter("other");
        _meter.CreateUpDownCounter<long>("gitopsgrains.queue.waiting", "{job}", "Of a test.").Add(3, new KeyValuePair<string, object?>("queue", "one of ours"));
        other.CreateUpDownCounter<long>("gitopsgrains.queue.waiting", "{job}", "Of a test.").Add(-1, new KeyValuePair<string, object?>("queue", "another"));
        Assert.Equal(2, (await ReadAsync())["gitopsgrains_queue_waiting{queue=\"other\"}"]);
    }

    [Fact]
    public async Task Histogram_IsCumulative()
    {
        var histogram = _meter.CreateHistogram<double>("gitopsgrains.api.duration", "s", "Of a test.");
        foreach (var seconds in new[] { 0.001, 0.02, 100 }) histogram.Record(seconds, new KeyValuePair<string, object?>("face", "of a test"));

        var scrape = await ReadAsync();
        Assert.Equal(1, scrape["gitopsgrains_api_duration_seconds_bucket{face=\"other\",le=\"0.005\"}"]);
        Assert.Equal(2, scrape["gitopsgrains_api_duration_seconds_bucket{face=\"other\",le=\"0.025\"}"]);
        Assert.Equal(2, scrape["gitopsgrains_api_duration_seconds_bucket{face=\"other\",le=\"10\"}"]);
        Assert.Equal(3, scrape["gitopsgrains_api_duration_seconds_bucket{face=\"other\",le=\"+Inf\"}"]);
        Assert.Equal(3, scrape["gitopsgrains_api_duration_seconds_count{face=\"other\"}"]);
    }

    [Fact]
    public void Measurements_TakeNoMemory()
    {
        var counter = _meter.CreateCounter<long>("gitopsgrains.kubernetes.requests", "{request}", "Of a test.");
        var histogram = _meter.CreateHistogram<double>("gitopsgrains.render.duration", "s", "Of a test.");
        void Measure()
        {
            counter.Add(1, new("method", "GET"), new("answer", "2xx"));
            histogram.Record(0.5, new KeyValuePair<string, object?>("outcome", "Done"));
        }
        for (var index = 0; index < 100; index++) Measure();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var index = 0; index < 10_000; index++) Measure();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public async Task Readers_ThatAskWhileATextIsMade_ShareTheNext()
    {
        var (entered, leave, made) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(), 0);
        _meter.CreateObservableGauge("gitopsgrains.gateway.silos", () =>
        {
            entered.TrySetResult();
            leave.Task.Wait(Stop);
            return Interlocked.Increment(ref made);
        }, description: "Of a test.");
        var first = _export.ReadAsync(Stop);
        await entered.Task.WaitAsync(Stop);
        using var gone = new CancellationTokenSource();
        var left = _export.ReadAsync(gone.Token);
        var waiting = Enumerable.Range(0, 1000).Select(_ => _export.ReadAsync(Stop)).ToArray();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        Assert.All([first, .. waiting], reader => Assert.False(reader.IsCompleted));

        leave.SetResult();
        Assert.Equal(1, SilosIn(await first));
        Assert.All(await Task.WhenAll(waiting), text => Assert.Equal(2, SilosIn(text)));
        Assert.Equal(3, SilosIn(await _export.ReadAsync(Stop)));

        static double SilosIn(ReadOnlyMemory<byte> text) => Scrape.Parse(System.Text.Encoding.UTF8.GetString(text.Span))["gitopsgrains_gateway_silos"];
    }

    public void Dispose()
    {
        _meter.Dispose();
        _export.Dispose();
    }

    private async Task<Scrape> ReadAsync() => Scrape.Parse(System.Text.Encoding.UTF8.GetString((await _export.ReadAsync(Stop)).Span));
}
