using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Gateway.Fleet;

namespace GitOpsGrains.Gateway.Tests;

public sealed class WaitingTargetsTests
{
    [Fact]
    public void AddTo_SaysOfEachTargetWhyItWaits_AndShowsThoseThatWereNeverGivenAnything()
    {
        var targets = new[] { Target("a", "Synced", "one"), Target("b", "Synced", "two") };

        var all = WaitingTargets.AddTo(targets, [Target("b", "Unknown", "waits"), Target("c", "Unknown", "waits too")]);

        Assert.Equal(["a Synced one: one", "b Unknown waits: waits, two", "c Unknown waits too: waits too"],
            all.Select(target => $"{target.Cluster} {target.Sync} {target.Message}: {string.Join(", ", target.Conditions.Select(condition => condition.Message))}"));
    }

    private static TargetView Target(string cluster, string sync, string message) =>
        new() { Cluster = cluster, Sync = sync, Message = message, Conditions = [new ConditionView { Message = message }] };
}
