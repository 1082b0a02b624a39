using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Grains.Targets;

namespace GitOpsGrains.Grains.Tests.Targets;

/// <summary>One entry for all tries of an operation.</summary>
public sealed class HistoryTriesTests
{
    [Fact]
    public void Join_OfTwoTries_KeepsTheLastWordAndWhatTheFirstChanged()
    {
        var first = new HistoryView { Id = "one", Result = "PartiallyApplied", Error = "refused", Objects = [Did("a", "Created"), Did("b", "Failed"), Did("c", "Failed")] };
        var last = new HistoryView { Id = "one", Result = "Succeeded", Objects = [Did("b", "Created")] };

        var joined = HistoryTries.Join(first, last);

        Assert.Equal(("Succeeded", 2, null), (joined.Result, joined.Attempts, joined.Error));
        Assert.Equal(["b Created", "a Created"], joined.Objects.Select(item => $"{item.Object} {item.Action}"));
    }

    [Fact]
    public void Join_OfThreeTries_CountsThemAndForgetsNoWrite()
    {
        var created = new HistoryView { Objects = [Did("a", "Created")] };
        var failed = new HistoryView { Objects = [Did("a", "Failed")] };

        var joined = HistoryTries.Join(HistoryTries.Join(created, failed), new HistoryView());

        Assert.Equal(3, joined.Attempts);
        Assert.Equal(["a Created"], joined.Objects.Select(item => $"{item.Object} {item.Action}"));
    }

    [Fact]
    public void Join_OfMoreObjectsThanAnEntryHolds_KeepsThoseOfTheLastTry()
    {
        var first = new HistoryView { Objects = [.. Enumerable.Range(0, 150).Select(index => Did($"first-{index}", "Created"))] };
        var last = new HistoryView { Objects = [.. Enumerable.Range(0, 150).Select(index => Did($"last-{index}", "Created"))] };

        var joined = HistoryTries.Join(first, last);

        Assert.Equal(HistoryTries.MaxObjects, joined.Objects.Count);
        Assert.Equal(150, joined.Objects.Count(item => item.Object.StartsWith("last-", StringComparison.Ordinal)));
    }

    private static HistoryObjectView Did(string name, string action) => new() { Object = name, Action = action };
}
