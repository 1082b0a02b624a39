using GitOpsGrains.EndToEnd.Tests.InProcess;

namespace GitOpsGrains.EndToEnd.Tests;

/// <summary>What a sync costs the storage: each record is a request where the state lies in Azure.</summary>
public sealed class StoredRecordTests(SharedFleet fleet)
{
    [Fact]
    public async Task SyncOfACommit_OfASmallApplication_WritesItsTargetTwiceAndItsApplicationOnce()
    {
        var scene = await fleet.NewSceneAsync();
        await CommitAsync("0");
        await scene.PutApplicationAsync("app");
        await CommitAndSyncAsync("1");
        var before = await WrittenAsync();

        await CommitAndSyncAsync("2");
        await CommitAndSyncAsync("3");

        var after = await WrittenAsync();
        Assert.Equal(
            ["application: 2", "target: 4"],
            after.Select(state => (state.Key, Count: state.Value - before.GetValueOrDefault(state.Key))).Where(state => state.Count > 0).Select(state => $"{state.Key}: {state.Count}").Order());

        // "Synced" is told before the end of the sync is stored.
        Task<IReadOnlyDictionary<string, int>> WrittenAsync() => SharedFleet.Writes.SettledAsync($"{scene.Name}-app");

        async Task CommitAndSyncAsync(string value) => await scene.SyncedAsync("app", await CommitAsync(value));

        async Task<string> CommitAsync(string value)
        {
            await scene.WriteConfigMapAsync("app/one.yaml", "one", $"'{value}'");
            await scene.WriteConfigMapAsync("app/two.yaml", "two", $"'{value}'");
            return await scene.PushAsync(value);
        }
    }
}
