using GitOpsGrains.EndToEnd.Tests.InProcess;

namespace GitOpsGrains.EndToEnd.Tests;

/// <summary>What applications that nobody touches hold in memory. Alone in the process, which others would fill meanwhile.</summary>
[Collection(nameof(Alone))]
public sealed class IdleMemoryTests(SharedFleet fleet)
{
    private const int Applications = 100;

    /// <summary>Live bytes of the collector for one application with its target and one small object, on the simulated server too (measured: about 40 KB).</summary>
    private const int MostBytes = 64 * 1024;

    // By name only: in a process where many other tests have run, what those give back and take is more than this.
    [Fact(Explicit = true)]
    public async Task IdleApplication_WithOneTargetAndObject_HoldsFewBytes()
    {
        var scene = await fleet.Simulated.NewSceneAsync();
        foreach (var name in Names("warm", 10).Concat(Names("app", Applications))) await scene.WriteConfigMapAsync($"{name}/config.yaml", name, "same");
        var commit = await scene.PushAsync("All of them");
        await SyncAsync(Names("warm", 10));
        var before = GC.GetTotalMemory(forceFullCollection: true);

        await SyncAsync(Names("app", Applications));

        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / Applications;
        TestContext.Current.TestOutputHelper?.WriteLine($"{each} bytes for each application");
        Assert.InRange(each, 1, MostBytes);

        async Task SyncAsync(IReadOnlyList<string> names)
        {
            foreach (var name in names) await scene.PutApplicationAsync(name);
            foreach (var name in names) await scene.SyncedAsync(name, commit);
        }
    }

    private static string[] Names(string prefix, int count) => [.. Enumerable.Range(0, count).Select(number => $"{prefix}{number}")];
}

[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
