using GitOpsGrains.Abstractions.Catalog;
using GitOpsGrains.Abstractions.Fleet;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;

namespace GitOpsGrains.EndToEnd.Tests.Chaos;

/// <summary>Rows of the index from a silo whose clock was ahead, of an application that another silo has deleted since.</summary>
public sealed class DeadRowTests
{
    private const string Application = "default/gone";

    private static readonly FleetRow Ahead = new() { Application = Application, Version = 1000, Activation = Guid.NewGuid() };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RowFromAClockThatWasAhead_OfAnApplicationThatIsNoMore_LeavesTheLists(bool isToldDeleted)
    {
        await using var host = await InProcessHost.StartAsync();
        var partition = CatalogPartitions.Of(Application);
        await host.Grains.GetGrain<IFleetIndexInbox>(partition).OnRowsAsync([Ahead]);
        await Eventually.GetAsync(() => CountAsync(host), count => count == 1, "the row in the lists");

        // Older by its version, of another activation: only the application could say which of the two is true, and there is none.
        var later = new FleetRow { Application = Application, Version = 10, Activation = Guid.NewGuid(), Deleted = isToldDeleted };
        await host.Grains.GetGrain<IFleetIndexInbox>(partition).OnRowsAsync([later]);
        await Eventually.GetAsync(() => CountAsync(host), count => count == 0, "lists without it");
    }

    private static async Task<int> CountAsync(InProcessHost host) =>
        (await host.Grains.GetGrain<IFleetIndexGrain>(CatalogPartitions.Of(Application)).FindAsync(new FleetQuery { Limit = 10 })).Total;
}
