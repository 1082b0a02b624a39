using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Documents;
using GitOpsGrains.Grains.Repositories;

namespace GitOpsGrains.Grains.Tests.Repositories;

public sealed class SubscriptionsTests
{
    private static readonly SourceSpec Source = new() { Repository = "fleet", Ref = "main", Path = "app" };

    private readonly Subscriptions _subscriptions = new();

    [Fact]
    public void Seen_SameTreeAtAnotherCommit_IsNoChange()
    {
        var entry = _subscriptions.Register(Order("default/web", Source, "c1"), "t1");

        Assert.False(entry.Seen("c2", "t1"));
        Assert.True(entry.Seen("c3", "t2"));
        Assert.Equal("c3", entry.Commit);
    }

    [Fact]
    public void Settle_TheSeenTree_SettlesUntilItChanges()
    {
        var entry = _subscriptions.Register(Order("default/web", Source, "c1"), "t1");
        Assert.False(_subscriptions.IsSettled("default/web"));

        entry.Settle("t1");
        Assert.True(_subscriptions.IsSettled("default/web"));

        // Another commit with the same tree asks nothing of the application.
        entry.Seen("c2", "t1");
        Assert.True(_subscriptions.IsSettled("default/web"));

        // A tree that was never rendered is not settled by a commit that leaves it as it is.
        entry.Seen("c3", "t2");
        entry.Settle("t1");
        Assert.False(_subscriptions.IsSettled("default/web"));
        entry.Seen("c4", "t2");
        Assert.False(_subscriptions.IsSettled("default/web"));
    }

    [Fact]
    public void Register_AnotherSource_ForgetsWhatWasSettled()
    {
        _subscriptions.Register(Order("default/web", Source, "c1"), "t1").Settle("t1");

        _subscriptions.Register(Order("default/web", Source with { Path = "other" }, "c1"), "t1");

        Assert.False(_subscriptions.IsSettled("default/web"));
    }

    [Fact]
    public void IsSettled_UnknownApplication_IsFalse()
    {
        _subscriptions.Register(Order("default/web", Source, "c1"), "t1").Settle("t1");
        _subscriptions.Remove("default/web");

        Assert.False(_subscriptions.IsSettled("default/web"));
    }

    [Fact]
    public void Register_SameOptionsReadAnew_KeepsWhatWasSettled()
    {
        static SourceSpec Chart(string file) => Source with { Helm = new HelmSpec { ValueFiles = [file], Parameters = [new HelmParameter { Name = "a" }] } };
        _subscriptions.Register(Order("default/web", Chart("a.yaml"), "c1"), "t1").Settle("t1");

        _subscriptions.Register(Order("default/web", Chart("a.yaml"), "c2"), "t1");
        Assert.True(_subscriptions.IsSettled("default/web"));

        _subscriptions.Register(Order("default/web", Chart("b.yaml"), "c2"), "t1");
        Assert.False(_subscriptions.IsSettled("default/web"));
    }

    private static RenderOrder Order(string application, SourceSpec source, string commit) => new(application, ["eu"], source, commit, new RenderScope { ApiVersions = ["v1"] });
}
