using System.Text.Json;
using System.Text.Json.Nodes;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Grains.Targets;

namespace GitOpsGrains.Grains.Tests.Targets;

/// <summary>What a restart takes up again is what was asked for.</summary>
public sealed class OngoingSyncTests
{
    [Fact]
    public void Order_StoredAndReadAgain_IsTheSame()
    {
        var order = new SyncOrder("default~web~1", SyncTriggers.User, Prune: true, Everything: true)
        {
            WithoutHooks = true,
            OverrideWindow = true,
            Selected = new HashSet<ResourceId> { new("apps", "Deployment", "web", "front"), new("", "ConfigMap", "web", "one") },
            Options = ["Force=true"],
            OnFailure = "continue",
        };

        var again = Read(OngoingSync.Of(order, new TargetOperation { Id = order.Id, Attempt = 1 }, new TargetDesired())).ToOrder();

        Assert.True(order.Selected.SetEquals(again.Selected!));
        Assert.Equal(order.Options, again.Options);
        Assert.Equal(order with { Selected = null, Options = [] }, again with { Selected = null, Options = [] });
    }

    [Fact]
    public void OrderOfAll_StoredAndReadAgain_SelectsNothing() =>
        Assert.Null(Read(OngoingSync.Of(new SyncOrder("id", SyncTriggers.Commit, Prune: false, Everything: false), new TargetOperation(), new TargetDesired())).ToOrder().Selected);

    [Fact]
    public void Sample_OfALaterVersion_ReadsAndWritesBackUnchanged()
    {
        var sample = JsonSerializer.SerializeToNode(OngoingSync.Of(new SyncOrder("id", SyncTriggers.User, Prune: false, Everything: true), new TargetOperation { Id = "id" }, new TargetDesired()))!;
        sample["Later"] = new JsonObject { ["a"] = 1 };

        Assert.True(JsonNode.DeepEquals(sample, JsonSerializer.SerializeToNode(sample.Deserialize<OngoingSync>())));
    }

    private static OngoingSync Read(OngoingSync sync) => JsonSerializer.Deserialize<OngoingSync>(JsonSerializer.Serialize(sync))!;
}
