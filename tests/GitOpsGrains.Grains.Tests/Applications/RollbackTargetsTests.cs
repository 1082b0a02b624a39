using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Grains.Applications;

namespace GitOpsGrains.Grains.Tests.Applications;

public sealed class RollbackTargetsTests
{
    private const string App = "default/app";

    /// <summary>History, oldest first: a letter is a commit, "R>A" the rollback R to A, a "!" a sync that failed. The last is the present one.</summary>
    [Theory]
    [InlineData("A B", "A")]
    [InlineData("A A B B", "A")]
    [InlineData("A B! C", "A")]
    [InlineData("A", null)]
    [InlineData("A B C R>B", "A")]
    [InlineData("A B R>A", null)]
    [InlineData("A B C R>B S>A", null)]
    [InlineData("A B C R>B D", "R")]
    [InlineData("A B C R>B D S>R", "A")]
    [InlineData("X A B R>A S>X", null)]
    [InlineData("A X A B R>A", "X")]
    [InlineData("A B R>Z", null)]
    [InlineData("A B R>R", null)]
    [InlineData("A B R>S S>R", null)]
    public void Choose_OfAHistory_GoesBackFromTheFilesThatAreThere(string history, string? expected)
    {
        var entries = history.Split(' ').Select((word, index) => new HistoryView
        {
            Revision = Id(word[0]),
            Result = word.EndsWith('!') ? "Failed" : "Succeeded",
            Trigger = "commit",
            Message = word.Contains('>', StringComparison.Ordinal) ? $"Roll back {App} to {Id(word[2])[..8]}\n\nRestores" : "Change\n",
            Started = DateTimeOffset.UnixEpoch.AddMinutes(index),
        }).ToArray();

        Assert.Equal(expected is null ? null : Id(expected[0]), RollbackTargets.Choose(entries.Reverse(), App, entries[^1].Revision, entries[^1].Message));
    }

    [Theory]
    [InlineData("Merge pull request #7 from a/b\n\nRoll back default/app to aaaaaaaa", "bb")]
    [InlineData("Roll back default/app to aaaaaaaa (#7)\r\n", "bb")]
    [InlineData("Roll back default/other to aaaaaaaa", "dd")]
    [InlineData("Do not Roll back default/app to aaaaaaaa", "dd")]
    public void Choose_AfterAMergeOrAnothersRollback_TellsThemApart(string message, string expected)
    {
        HistoryView[] entries =
        [
            Entry("b", 0, "first"), Entry("a", 1, "second"), Entry("d", 2, "third"), Entry("e", 3, message),
        ];
        Assert.Equal(expected[0], RollbackTargets.Choose(entries, App, Id('e'), message)![0]);
    }

    private static HistoryView Entry(string letter, int minute, string message) =>
        new() { Revision = Id(letter[0]), Result = "Succeeded", Trigger = "commit", Message = message, Started = DateTimeOffset.UnixEpoch.AddMinutes(minute) };

    private static string Id(char letter) => new(letter switch { 'R' => '1', 'S' => '2', 'X' => '3', 'Z' => '4', _ => char.ToLowerInvariant(letter) }, 40);
}
