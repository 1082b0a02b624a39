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
        var entry = _subscriptions.Register("default/web", "fleet", Of(Source, "c1"), "t1");

        Assert.False(entry.Seen(Of(Source, "c2"), "t1"));
        Assert.True(entry.Seen(Of(Source, "c3"), "t2"));
        Assert.Equal("c3", entry.CommitOf(RefQuery.Of(Source)));
    }

    [Fact]
    public void Settle_TheSeenTree_SettlesUntilItChanges()
    {
        var entry = _subscriptions.Register("default/web", "fleet", Of(Source, "c1"), "t1");
        Assert.False(_subscriptions.IsSettled("default/web", "eu"));

        entry.Settle("t1", []);
        Assert.True(_subscriptions.IsSettled("default/web", "eu"));

        // Another commit with the same tree asks nothing of the application.
        entry.Seen(Of(Source, "c2"), "t1");
        Assert.True(_subscriptions.IsSettled("default/web", "eu"));

        // A tree that was never rendered is not settled by a commit that leaves it as it is.
        entry.Seen(Of(Source, "c3"), "t2");
        entry.Settle("t1", []);
        Assert.False(_subscriptions.IsSettled("default/web", "eu"));
        entry.Seen(Of(Source, "c4"), "t2");
        Assert.False(_subscriptions.IsSettled("default/web", "eu"));
    }

    [Fact]
    public void Queries_AreThoseThatSomebodyStillFollows()
    {
        var (main, tag) = (RefQuery.Of(Source), RefQuery.Of(Source with { Ref = "v1" }));
        _subscriptions.Register("default/web", "fleet", Of(Source, "c1"), "t1");
        _subscriptions.Register("default/api", "fleet", Of(Source with { Path = "api" }, "c1"), "t1");
        _subscriptions.Register("default/api", "fleet", Of(Source with { Path = "api" }, "c2"), "t2");
        Assert.Equal([main], _subscriptions.Queries);

        _subscriptions.Register("default/web", "fleet", Of(Source with { Ref = "v1" }, "c1"), "t1");
        Assert.Equal([main, tag], _subscriptions.Queries.OrderBy(query => query.Reference, StringComparer.Ordinal));

        _subscriptions.Remove("default/api");
        _subscriptions.Remove("default/api");
        Assert.Equal([tag], _subscriptions.Queries);
        _subscriptions.Remove("default/web");
        Assert.Empty(_subscriptions.Queries);
    }

    [Fact]
    public void Register_AnotherSource_ForgetsWhatWasSettled()
    {
        _subscriptions.Register("default/web", "fleet", Of(Source, "c1"), "t1").Settle("t1", []);

        _subscriptions.Register("default/web", "fleet", Of(Source with { Path = "other" }, "c1"), "t1");

        Assert.False(_subscriptions.IsSettled("default/web", "eu"));
    }

    [Fact]
    public void IsSettled_UnknownApplication_IsFalse()
    {
        _subscriptions.Register("default/web", "fleet", Of(Source, "c1"), "t1").Settle("t1", []);
        _subscriptions.Remove("default/web");

        Assert.False(_subscriptions.IsSettled("default/web", "eu"));
    }

    [Fact]
    public void Register_SameOptionsReadAnew_KeepsWhatWasSettled()
    {
        static SourceSpec Chart(string file) => Source with { Helm = new HelmSpec { ValueFiles = [file], Parameters = [new HelmParameter { Name = "a" }] } };
        _subscriptions.Register("default/web", "fleet", Of(Chart("a.yaml"), "c1"), "t1").Settle("t1", []);

        _subscriptions.Register("default/web", "fleet", Of(Chart("a.yaml"), "c2"), "t1");
        Assert.True(_subscriptions.IsSettled("default/web", "eu"));

        _subscriptions.Register("default/web", "fleet", Of(Chart("b.yaml"), "c2"), "t1");
        Assert.False(_subscriptions.IsSettled("default/web", "eu"));
    }

    [Fact]
    public void Settle_WithAClusterThatWaits_SettlesTheOthersOnly()
    {
        _subscriptions.Register("default/web", "fleet", Of(Source, "c1"), "t1").Settle("t1", ["us"]);

        Assert.True(_subscriptions.IsSettled("default/web", "eu"));
        Assert.False(_subscriptions.IsSettled("default/web", "us"));
    }

    [Fact]
    public void Register_ForOtherClusters_IsTheSameReader()
    {
        _subscriptions.Register("default/web", "fleet", Of(Source, "c1"), "t1").Settle("t1", []);

        _subscriptions.Register("default/web", "fleet", Of(Source, "c1") with { Scope = new RenderScope { KubeVersion = "v1.34.0", Variables = new Dictionary<string, string> { ["a"] = "b" } } }, "t1");

        Assert.True(_subscriptions.IsSettled("default/web", "eu"));
    }

    [Fact]
    public void At_MovedRefs_MovesTheSourcesOfThisRepositoryOnly()
    {
        SourceSpec other = new() { Repository = "values", Ref = "main", Name = "values" };
        var tag = Source with { Ref = "v1", Path = "other" };
        var subject = new RenderSubject { Sources = [Pin(Source, "c1"), Pin(other, "d1"), Pin(tag, "c0"), Pin(Source with { Path = "third" }, "c1")] };
        var entry = _subscriptions.Register("default/web", "fleet", subject, "t1");

        var at = entry.At([new Move(RefQuery.Of(Source), "c1", "c2")]);

        Assert.Equal([RefQuery.Of(Source), RefQuery.Of(tag)], entry.Queries);
        Assert.Equal(["c2", "d1", "c0", "c2"], at.Sources.Select(pinned => pinned.Commit));
        Assert.Equal("c1", entry.CommitOf(RefQuery.Of(Source)));
    }

    private static RenderSubject Of(SourceSpec source, string commit) => RenderSubject.Of(source, commit, new RenderScope());

    private static PinnedSource Pin(SourceSpec source, string commit) => new() { Source = source, Commit = commit };
}
