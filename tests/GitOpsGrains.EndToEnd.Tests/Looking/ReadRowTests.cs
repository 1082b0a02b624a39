using GitOpsGrains.Abstractions.Applications;
using GitOpsGrains.Abstractions.Catalog;
using GitOpsGrains.Abstractions.Fleet;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;

namespace GitOpsGrains.EndToEnd.Tests.Looking;

/// <summary>A row that the index has read in the middle of a pass, when an application is Unknown for a moment and tells nobody.</summary>
public sealed class ReadRowTests(SharedFleet fleet)
{
    private const string App = "app";

    [Fact]
    public async Task RowThatWasReadInTheMiddleOfAPass_IsSetRightAtItsEnd()
    {
        var scene = await fleet.Simulated.NewSceneAsync();
        await scene.WriteConfigMapAsync($"{App}/one.yaml", "one", "same");
        await scene.PutApplicationAsync(App);
        var commit = await scene.PushAsync("One", App);
        await scene.SyncedAsync(App, commit);
        var (key, grains) = ($"default/{scene.Of(App)}", scene.Host.Grains);
        var partition = CatalogPartitions.Of(key);

        // What the application still had to tell of its sync may come between.
        await Eventually.GetAsync(ReadAsUnknownAsync, count => count == 1, "the row as it was read in the middle of a pass");
        await scene.Rest.CommandAsync(scene.Of(App), "refresh");

        await Eventually.GetAsync(UnknownAsync, count => count == 0, "the row as it is told at the end of the pass");

        async Task<int> ReadAsUnknownAsync()
        {
            var read = (await grains.GetGrain<IApplicationGrain>(key).GetRowAsync())!;
            await grains.GetGrain<IFleetIndexInbox>(partition).OnRowsAsync([read with { Sync = SyncStatus.Unknown }]);
            return await UnknownAsync();
        }

        async Task<int> UnknownAsync() =>
            (await grains.GetGrain<IFleetIndexGrain>(partition).FindAsync(new FleetQuery { Limit = 10, Sync = SyncStatus.Unknown, Part = scene.Of(App) })).Total;
    }
}
