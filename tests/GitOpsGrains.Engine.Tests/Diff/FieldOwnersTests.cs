using GitOpsGrains.Engine.Diff;

namespace GitOpsGrains.Engine.Tests.Diff;

public sealed class FieldOwnersTests
{
    [Fact]
    public void Of_AFieldOfOthers_IsTheLatestOwnerWithOperationAndTime()
    {
        var live = Live.Of(Live.ConfigMap);

        Assert.Equal(new FieldOwner("kubectl-edit", "Update", new DateTimeOffset(2026, 1, 1, 0, 0, 2, TimeSpan.Zero), IsLikely: false), FieldOwners.Of(live, "/data/c"));
        Assert.Equal("kubectl-edit", FieldOwners.Of(live, "/metadata/annotations/other")?.Manager);
    }

    [Fact]
    public void Of_AFieldThatNobodyOwnsAnyMore_IsLikelyTheLastWriterAfterUs()
    {
        Assert.Equal(("kubectl-edit", true), Short(FieldOwners.Of(Live.Of(Live.ConfigMap), "/data/removed")));
        var earlier = Live.Of(Live.ConfigMap.Replace("2026-01-01T00:00:02Z", "2026-01-01T00:00:00Z", StringComparison.Ordinal));
        Assert.Null(FieldOwners.Of(earlier, "/data/removed"));
        Assert.Null(FieldOwners.Of(Live.Of(Live.Deployment, "apps/v1", "Deployment"), "/spec/paused"));
    }

    [Fact]
    public void Of_ManagedFieldsThatAreNoJson_IsNobody()
    {
        var live = Live.Of("""
            {"metadata":{"name":"a","managedFields":[{"manager":"x","operation":"Update","time":"never","fieldsV1":{"f:list":{"k:{broken":{"f:a":{}}}}}]},"list":[{"a":1}]}
            """);

        Assert.Equal(new FieldOwner("x", "Update", null, IsLikely: true), FieldOwners.Of(live, "/list/0/a"));
    }

    private static (string?, bool?) Short(FieldOwner? owner) => (owner?.Manager, owner?.IsLikely);
}
