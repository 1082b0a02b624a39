using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;

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

        // "Synced" is told before the end of the sync is stored: the count stands when twenty-five looks have found the same.
        async Task<IReadOnlyDictionary<string, int>> WrittenAsync()
        {
            var (last, same) = (SharedFleet.Writes.Of($"{scene.Name}-app"), 0);
            await Eventually.TrueAsync(() =>
            {
                var now = SharedFleet.Writes.Of($"{scene.Name}-app");
                (last, same) = (now, now.OrderBy(state => state.Key).SequenceEqual(last.OrderBy(state => state.Key)) ? same + 1 : 0);
                return same > 25;
            }, "the writes of the sync ended");
            return last;
        }

        async Task CommitAndSyncAsync(string value) => await scene.SyncedAsync("app", await CommitAsync(value));

        async Task<string> CommitAsync(string value)
        {
            await scene.WriteConfigMapAsync("app/one.yaml", "one", $"'{value}'");
            await scene.WriteConfigMapAsync("app/two.yaml", "two", $"'{value}'");
            return await scene.PushAsync(value);
        }
    }
}
