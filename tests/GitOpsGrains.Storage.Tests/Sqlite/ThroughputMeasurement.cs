using System.Diagnostics;
using GitOpsGrains.Storage.Hosting;
using GitOpsGrains.Storage.CrashChild;
using GitOpsGrains.Storage.Sqlite;
using GitOpsGrains.Storage.Tests.Conformance;
using Orleans.Storage;

namespace GitOpsGrains.Storage.Tests.Sqlite;

/// <summary>
/// Operations per second and worst latency, with a state of 500 characters. Explicit: it measures, it asserts only that all was
/// stored. Run in Release: <c>dotnet test -c Release --project tests/GitOpsGrains.Storage.Tests -- --explicit only --show-live-output on</c>.
/// </summary>
public sealed class ThroughputMeasurement(ITestOutputHelper output)
{
    [Theory(Explicit = true)]
    [InlineData(SqliteSynchronous.Full)]
    [InlineData(SqliteSynchronous.Normal)]
    public async Task Measure(SqliteSynchronous synchronous)
    {
        for (var run = 0; run < 3; run++)
        {
            using var directory = new TemporaryDirectory();
            await using var services = await EmbeddedServices.OpenAsync(directory.Path, options => options.Synchronous = synchronous);
            foreach (var (parallelism, count) in new[] { (1, 3000), (32, 60_000), (256, 60_000) })
            {
                var states = Enumerable.Range(0, count)
                    .Select(_ => new GrainState<ConformanceState>(new ConformanceState { Text = new string('x', 500) })).ToArray();
                await RunAsync(synchronous, "insert", parallelism, states, i => WriteAsync(services.State, parallelism, i, states[i]));
                await RunAsync(synchronous, "update", parallelism, states, i => WriteAsync(services.State, parallelism, i, states[i]));
                await RunAsync(synchronous, "read", parallelism, states, i => services.State.ReadStateAsync("bench", Id(parallelism, i), states[i]));
            }
        }
    }

    [Fact(Explicit = true)]
    public async Task MeasureManifests()
    {
        const int count = 3000;
        using var directory = new TemporaryDirectory();
        var keys = new string[count];
        await using (var services = await EmbeddedServices.OpenAsync(directory.Path))
        {
            await MeasureAsync("put", i => PutAsync(services, i));
            await MeasureAsync("put again", i => PutAsync(services, i));
            await MeasureAsync("get cached", i => GetAsync(services, i));
        }

        await using var reopened = await EmbeddedServices.OpenAsync(directory.Path);
        await MeasureAsync("get stored", i => GetAsync(reopened, i));
        await MeasureAsync("renew", i => reopened.Manifests.RenewAsync(keys[i], default));
        output.WriteLine($"manifests.db {new FileInfo(directory["manifests.db"]).Length / 1024} KiB for {count} sets");

        async Task PutAsync(OpenedStorage services, int i) => keys[i] = await services.Manifests.PutAsync(Content(i), default);

        async Task GetAsync(OpenedStorage services, int i) => Assert.NotNull(await services.Manifests.GetAsync(keys[i], default));

        async Task MeasureAsync(string verb, Func<int, Task> operation)
        {
            var start = Stopwatch.GetTimestamp();
            await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) => await operation(i));
            output.WriteLine($"manifests {verb}, 30 KB, dop 16: {count / Stopwatch.GetElapsedTime(start).TotalSeconds:F0} ops/s");
        }
    }

    private static byte[] Content(int i) => System.Text.Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 300).Select(
        line => $"  - name: container-{i}-{line * 7919 % 1000}\n    image: registry.example/team/application:{line}-{i * line}\n    ports: [{line}, 8080]\n"))
        .PadRight(30_000)[..30_000]);

    private async Task RunAsync(
        SqliteSynchronous synchronous, string verb, int parallelism, GrainState<ConformanceState>[] states, Func<int, Task> operation)
    {
        var latencies = new double[states.Length];
        var start = Stopwatch.GetTimestamp();
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, parallelism).Select(_ => Task.Run(async () =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < states.Length;)
            {
                var begun = Stopwatch.GetTimestamp();
                await operation(i);
                latencies[i] = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
            }
        })));
        var elapsed = Stopwatch.GetElapsedTime(start);
        Array.Sort(latencies);
        Assert.All(states, state => Assert.True(state.RecordExists));
        output.WriteLine(
            $"{synchronous} {verb} dop {parallelism}: {states.Length / elapsed.TotalSeconds:F0} ops/s, "
            + $"p50 {latencies[latencies.Length / 2]:F2} ms, p99 {latencies[latencies.Length * 99 / 100]:F2} ms, worst {latencies[^1]:F1} ms");
    }

    private static Task WriteAsync(IGrainStorage storage, int group, int i, GrainState<ConformanceState> state) =>
        storage.WriteStateAsync("bench", Id(group, i), state);

    private static GrainId Id(int group, int i) => GrainId.Create("bench", $"team-{group}/app-{i}");
}
