using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Grains.Applications;

namespace GitOpsGrains.Grains.Tests.Applications;

/// <summary>What a person asks of a sync becomes an order, or is refused.</summary>
public sealed class SyncOrdersTests
{
    private static readonly SyncSpec Pruning = new() { Prune = new PruneSpec { Enabled = true } };

    [Fact]
    public void Read_NothingAsked_IsWhatTheDocumentSays()
    {
        Assert.True(SyncOrders.Read(new SyncRequest(), Pruning).Prune);
        var order = SyncOrders.Read(new SyncRequest(), new SyncSpec());
        Assert.Equal((false, false, null, false), (order.Prune, order.DryRun, order.OnFailure, order.OverrideWindow));
        Assert.Empty(order.Options);
        Assert.True(order.Selects(new ResourceId("", "ConfigMap", "web", "any")));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void Read_SelectedObjects_PruneOnlyWhenAsked(bool? asked, bool expected) =>
        Assert.Equal(expected, SyncOrders.Read(new SyncRequest { Objects = ["ConfigMap/a"], Prune = asked }, Pruning).Prune);

    [Theory]
    [InlineData("abort", "stop")]
    [InlineData("continue", "continue")]
    public void Read_OnError_IsTheDocumentsWord(string asked, string expected) =>
        Assert.Equal(expected, SyncOrders.Read(new SyncRequest { OnError = asked }, Pruning).OnFailure);

    [Fact]
    public void Read_ForceAndReplace_AreOptionsOfThisOrder() =>
        Assert.Equal(["Force=true", "Replace=true"], SyncOrders.Read(new SyncRequest { Force = true, Replace = true }, Pruning).Options);

    [Fact]
    public void Note_ThenOf_GivesTheSameOrder()
    {
        var asked = SyncOrders.Read(
            new SyncRequest { Objects = ["apps/Deployment:web/shop", "ClusterRole/system:x"], OnError = "abort", DryRun = true, OverrideWindow = true, Replace = true, Prune = true }, Pruning);
        var operation = new ApplicationOperation { Id = "default~shop~0" };
        SyncOrders.Note(operation, asked, "0123456");

        var order = SyncOrders.Of(operation);

        Assert.Equal("default~shop~0", order.OperationId);
        Assert.Equal(asked.Objects, order.Objects);
        Assert.Equal(
            (asked.Prune, asked.DryRun, asked.OnFailure, asked.OverrideWindow, "Replace=true"),
            (order.Prune, order.DryRun, order.OnFailure, order.OverrideWindow, Assert.Single(order.Options)));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("0123ABC", null)]
    [InlineData("fffffff", "the newest commit is 0123abcd0123abcd0123abcd0123abcd0123abcd, not fffffff; only the newest is synced: to go back to an older one, revert in Git")]
    public void WrongRevision_AnotherThanTheNewest_SaysToRevert(string? wanted, string? expected) =>
        Assert.Equal(expected, SyncOrders.WrongRevision(new ApplicationOperation { Revision = wanted }, ["0123abcd0123abcd0123abcd0123abcd0123abcd"]));

    [Fact]
    public void WrongRevision_OfSeveralSources_TakesTheCommitOfAny() =>
        Assert.Null(SyncOrders.WrongRevision(new ApplicationOperation { Revision = "4567abc" }, ["0123abcd0123abcd0123abcd0123abcd0123abcd", "4567abcd0123abcd0123abcd0123abcd0123abcd"]));

    [Fact]
    public void Read_LongHostileText_IsShownCut()
    {
        var refusal = Assert.Throws<GrainRefusedException>(() => SyncOrders.Read(new SyncRequest { Objects = [new string('x', 5000)] }, Pruning));
        Assert.Equal($"objects[0]: '{new string('x', 100)}…' is not group/Kind:namespace/name or Kind/name", refusal.Message);
    }

    [Theory]
    [InlineData("apps/Deployment:web/shop", "apps/Deployment:web/shop", true)]
    [InlineData("apps/Deployment:web/shop", "apps/Deployment:other/shop", false)]
    [InlineData("apps/Deployment:web/shop", "extensions/Deployment:web/shop", false)]
    [InlineData("/Namespace:/web", "/Namespace:/web", true)]
    [InlineData("Deployment/shop", "apps/Deployment:web/shop", true)]
    [InlineData("Deployment/shop", "apps/Deployment:web/shops", false)]
    [InlineData("Deployment/shop", "apps/StatefulSet:web/shop", false)]
    [InlineData("ClusterRole/system:x", "rbac.authorization.k8s.io/ClusterRole:/system:x", true)]
    [InlineData("rbac.authorization.k8s.io/ClusterRole:/system:x", "rbac.authorization.k8s.io/ClusterRole:/system:x", true)]
    public void ObjectReference_Matches(string text, string id, bool expected)
    {
        Assert.True(ObjectReference.TryParse(text, out var reference));
        Assert.True(ResourceId.TryParse(id, out var parsed));
        Assert.Equal((expected, text), (reference.Matches(parsed), reference.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("Deployment/")]
    [InlineData("/shop")]
    [InlineData("deployment/shop")]
    [InlineData("Deployment/a/b")]
    [InlineData("Deployment/a b")]
    [InlineData("Deployment/a%2fb")]
    [InlineData("Deployment/a\nb")]
    [InlineData("APPS/Deployment:web/shop")]
    [InlineData("apps/Deployment:Web/shop")]
    [InlineData("apps/Deployment:web/")]
    [InlineData("apps/Deployment:web/a/b")]
    public void ObjectReference_OfNoObject_IsRefused(string text) => Assert.False(ObjectReference.TryParse(text, out _));

    [Fact]
    public void Bounded_ManyObjects_KeepsTroubleFirstAndLittle()
    {
        var objects = Enumerable.Range(0, 1000).Select(index => Result($"c-{index}", ApplyAction.Created))
            .Append(Result("same", ApplyAction.Unchanged)).Append(Result("held", ApplyAction.Held)).Append(Result("bad", ApplyAction.Failed) with { Message = new string('m', 5000) });

        var bounded = TargetOperationObject.Bounded(objects);

        Assert.Equal(200, bounded.Count);
        Assert.Equal(["bad", "held", "c-0"], bounded.Take(3).Select(item => item.Object.Name));
        Assert.Equal(new string('m', 199) + "…", bounded[0].Message);
        Assert.DoesNotContain(bounded, item => item.Action == ApplyAction.Unchanged);
    }

    [Fact]
    public void Bounded_LongNames_StayUnderTheSizeOfAState()
    {
        var bounded = TargetOperationObject.Bounded(Enumerable.Range(0, 200).Select(index => Result(new string('n', 250), ApplyAction.Failed) with { Message = new string('m', 200) }));

        Assert.InRange(bounded.Sum(item => item.Object.ToString().Length + item.Message.Length), 20 * 1024, 24 * 1024);
    }

    private static TargetOperationObject Result(string name, ApplyAction action) => new() { Object = new ResourceId("", "ConfigMap", "web", name), Action = action };
}
