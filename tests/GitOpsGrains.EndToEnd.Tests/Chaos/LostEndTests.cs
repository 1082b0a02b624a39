using System.Collections.Concurrent;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;

namespace GitOpsGrains.EndToEnd.Tests.Chaos;

/// <summary>
/// The storage fails at each record of a sync in turn. Whatever was lost, the history says of each commit that is in the cluster that
/// it succeeded.
/// </summary>
public sealed class LostEndTests(LostEndTests.Fleet fleet) : IClassFixture<LostEndTests.Fleet>
{
    // More than a target's own state holds of an inventory, or of a history: both have records of their own.
    private const int Many = 60;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The state, the first and the last of its writes that fail, and how.</summary>
    public static TheoryData<string, int, int, RecordFault> Losses => new()
    {
        { "history", 1, 1, RecordFault.Refused },
        { "history", 1, 3, RecordFault.Refused },
        { "history", 1, 1, RecordFault.Unanswered },
        { "target", 1, 1, RecordFault.Refused },
        { "target", 1, 1, RecordFault.Unanswered },
        // More often than a sync is tried: a storage that is away is no try.
        { "target", 1, 8, RecordFault.Refused },
        { "target", 2, 2, RecordFault.Refused },
        { "target", 2, 4, RecordFault.Refused },
        { "target", 2, 2, RecordFault.Unanswered },
        { "inventory", 1, 1, RecordFault.Refused },
        { "inventory", 1, 3, RecordFault.Refused },
        { "inventory", 1, 1, RecordFault.Unanswered },
    };

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task Sync_WhoseRecordIsLost_IsInTheHistoryAsSucceeded(string state, int first, int last, RecordFault fault)
    {
        var scene = await fleet.Scenes.NewSceneAsync();
        await scene.Work.WriteAsync("app/many.yaml", Manifests.ConfigMaps(Many, "0"));
        var before = await scene.PushAsync("before");
        await scene.PutApplicationAsync("app");
        await scene.SyncedAsync("app", before);
        await scene.HistoryAsync("app", before);

        var written = 0;
        fleet.Faults[scene.Name] = name => name.StartsWith(state, StringComparison.Ordinal) && Interlocked.Increment(ref written) is var number && number >= first && number <= last ? fault : RecordFault.None;
        await scene.Work.WriteAsync("app/many.yaml", Manifests.ConfigMaps(Many, "1"));
        var after = await scene.PushAsync("after", "app");

        await Eventually.TrueAsync(async () =>
        {
            if (Volatile.Read(ref written) >= first) fleet.Clock.Leap(TimeSpan.FromSeconds(1));
            return Volatile.Read(ref written) >= last && (await scene.HistoryAsync("app")) is [{ Result: "Succeeded" } newest, ..] && newest.Revision == after;
        }, "the commit in the history as succeeded", Patience);
        await scene.SyncedAsync("app", after);
    }

    /// <summary>It is no try that failed, and still it was begun: whoever looks for the commit finds what became of it.</summary>
    [Fact]
    public async Task Sync_ThatWaitsForTheStorageAndIsOvertaken_IsInTheHistory()
    {
        var scene = await fleet.Scenes.NewSceneAsync();
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "before");
        var before = await scene.PushAsync("before");
        await scene.PutApplicationAsync("app");
        await scene.SyncedAsync("app", before);
        await scene.HistoryAsync("app", before);

        fleet.Faults[scene.Name] = name => name.StartsWith("target", StringComparison.Ordinal) ? RecordFault.Refused : RecordFault.None;
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "waits");
        var waits = await scene.PushAsync("waits", "app");
        await Eventually.GetAsync(
            async () => (await scene.GetTargetAsync("app")).Operation?.Message ?? "", message => message.StartsWith("waits for the storage", StringComparison.Ordinal), "a sync that waits", Patience);
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "after");
        var after = await scene.PushAsync("after", "app");
        fleet.Faults.TryRemove(scene.Name, out _);
        await Eventually.TrueAsync(async () =>
        {
            fleet.Clock.Leap(TimeSpan.FromSeconds(1));
            return (await scene.GetAsync("app")).Status.Revision == after && (await scene.HistoryAsync("app")) is [{ Result: "Succeeded" } newest, ..] && newest.Revision == after;
        }, "the newest commit in the history", Patience);

        Assert.Equal([(after, "Succeeded"), (waits, "Superseded"), (before, "Succeeded")], (await scene.HistoryAsync("app")).Select(entry => (entry.Revision, entry.Result)));
    }

    public sealed class Fleet : IAsyncLifetime
    {
        private readonly RecordWrites _writes = new();
        private InProcessHost _host = null!;
        private GitServer _git = null!;

        public LeapingClock Clock { get; } = new();

        public ISceneMaker Scenes { get; private set; } = null!;

        /// <summary>By the name of a scene: how the writes of its targets end, by the name of the state.</summary>
        public ConcurrentDictionary<string, Func<string, RecordFault>> Faults { get; } = new();

        public async ValueTask InitializeAsync()
        {
            _writes.Faults = (grain, state) => Faults.FirstOrDefault(fault => IsTargetOf(fault.Key, grain)).Value?.Invoke(state) ?? RecordFault.None;
            _host = await InProcessHost.StartAsync(time: Clock, writes: _writes);
            _git = await GitServer.StartAsync();
            Scenes = new SimulatedScenes(() => Task.FromResult((_host, _git)));
        }

        public async ValueTask DisposeAsync()
        {
            await _host.DisposeAsync();
            await ((SimulatedScenes)Scenes).DisposeAsync();
            await _git.DisposeAsync();
        }

        private static bool IsTargetOf(string scene, string grain) => grain.Contains(scene, StringComparison.Ordinal) && grain.Split('/').Length == 3;
    }
}
