using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Fleet;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Grains.Fleet;

namespace GitOpsGrains.Grains.Tests.Fleet;

public sealed class FleetTableTests
{
    private readonly FleetTable _table = new();

    [Fact]
    public void Take_OlderRow_ChangesNothing()
    {
        _table.Take(Row("a/x", 2) with { Sync = SyncStatus.Synced });
        _table.Take(Row("a/x", 1) with { Sync = SyncStatus.OutOfSync });
        _table.Take(Row("a/x", 2) with { Sync = SyncStatus.OutOfSync });

        Assert.Equal(["a/x"], Find(new FleetQuery { Sync = SyncStatus.Synced }));
    }

    [Fact]
    public void Take_OlderRowOfAnotherActivation_IsUnsureUntilTheApplicationItselfWasAsked()
    {
        var (before, now) = (Guid.NewGuid(), Guid.NewGuid());
        Assert.True(_table.Take(Row("a/x", 600) with { Activation = before, Sync = SyncStatus.Synced }));
        Assert.False(_table.Take(Row("a/x", 1) with { Activation = now, Sync = SyncStatus.OutOfSync }));
        Assert.Equal(["a/x"], Find(new FleetQuery { Sync = SyncStatus.Synced }));

        Assert.True(_table.Take(Row("a/x", 2) with { Activation = now, Sync = SyncStatus.OutOfSync }, isRead: true));
        Assert.True(_table.Take(Row("a/x", 1) with { Activation = now, Sync = SyncStatus.Synced }));
        Assert.Equal(["a/x"], Find(new FleetQuery { Sync = SyncStatus.OutOfSync }));
    }

    [Fact]
    public void Take_RowOfWhatIsGone_StaysGoneForOlderRowsAndComesBackWithANewer()
    {
        _table.Take(Row("a/x", 1));
        _table.Take(Row("a/x", 3) with { Deleted = true });
        _table.Take(Row("a/x", 2));
        Assert.Empty(Find(new FleetQuery()));

        _table.Take(Row("a/x", 4));
        Assert.Equal(["a/x"], Find(new FleetQuery()));
    }

    [Fact]
    public void Take_ManyThatAreGone_KeepsTheOthers()
    {
        for (var index = 0; index < 3000; index++) _table.Take(Row($"a/x{index}", 1) with { Deleted = index % 3 != 0 });

        Assert.Equal(1000, _table.Find(new FleetQuery { Limit = 1 }).Total);
    }

    [Fact]
    public void Find_ByName_OrdersProjectsBeforeNames()
    {
        foreach (var name in (string[])["a-b/a", "a/z", "a/b", "b/a"]) _table.Take(Row(name, 1));

        Assert.Equal(["a/b", "a/z", "a-b/a", "b/a"], Find(new FleetQuery()));
        Assert.Equal(["b/a", "a-b/a", "a/z", "a/b"], Find(new FleetQuery { Descending = true }));
    }

    [Fact]
    public void Find_ByHealthAndSync_HasTheWorstFirst()
    {
        _table.Take(Row("p/good", 1) with { Health = HealthStatus.Healthy, Sync = SyncStatus.Synced });
        _table.Take(Row("p/bad", 1) with { Health = HealthStatus.Degraded, Sync = SyncStatus.OutOfSync });
        _table.Take(Row("p/slow", 1) with { Health = HealthStatus.Progressing, Sync = SyncStatus.Synced });

        Assert.Equal(["p/bad", "p/slow", "p/good"], Find(new FleetQuery { Order = FleetOrder.Health }));
        Assert.Equal(["p/bad", "p/good", "p/slow"], Find(new FleetQuery { Order = FleetOrder.Sync }));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Find_PageAfterPage_HasEachOnceThoughItemsGo(bool descending)
    {
        for (var index = 0; index < 10; index++) _table.Take(Row($"p/x{index}", 1));
        var query = new FleetQuery { Limit = 4, Descending = descending };
        var first = _table.Find(query).Found;
        // The one that the page ended with is gone before the next is asked for.
        _table.Take(Row(first[^1].Application, 2) with { Deleted = true });

        var second = _table.Find(query with { After = first[^1] }).Found;
        var third = _table.Find(query with { After = second[^1] });

        var seen = first.Concat(second).Concat(third.Found).Select(position => position.Application).ToArray();
        var expected = Enumerable.Range(0, 10).Select(index => $"p/x{index}");
        Assert.Equal(descending ? expected.Reverse() : expected, seen);
        Assert.Equal(9, third.Total);
    }

    [Fact]
    public void Find_WithAllThatRestricts_HasOnlyWhatMatchesAll()
    {
        _table.Take(Row("p/web", 1) with { Labels = new Dictionary<string, string> { ["team"] = "a" }, Clusters = ["eu", "us"] });
        _table.Take(Row("p/web-2", 1) with { Labels = new Dictionary<string, string> { ["team"] = "b" }, Clusters = ["us"] });
        _table.Take(Row("q/web", 1) with { Clusters = ["eu"] });

        Assert.Equal(["p/web", "p/web-2"], Find(new FleetQuery { Project = "p" }));
        Assert.Equal(["p/web", "q/web"], Find(new FleetQuery { Cluster = "eu" }));
        Assert.Equal(["p/web-2"], Find(new FleetQuery { Part = "WEB-" }));
        Assert.Equal(["p/web-2", "q/web"], Find(new FleetQuery { Selector = "team!=a" }));
        Assert.Equal(["p/web"], Find(new FleetQuery { Project = "p", Cluster = "eu", Selector = "team=a", Part = "web" }));
    }

    [Fact]
    public void Find_SelectorThatCannotBeRead_IsRefused() =>
        Assert.Throws<GrainRefusedException>(() => _table.Find(new FleetQuery { Selector = "a in (b)", Limit = 1 }));

    private IEnumerable<string> Find(FleetQuery query) => _table.Find(query with { Limit = 100 }).Found.Select(position => position.Application);

    private static FleetRow Row(string application, long version) => new() { Application = application, Version = version };
}
