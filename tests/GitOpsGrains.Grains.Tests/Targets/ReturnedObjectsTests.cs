using System.Text;
using System.Text.Json;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Grains.Targets;

namespace GitOpsGrains.Grains.Tests.Targets;

/// <summary>Which objects, among those that are there again, a target takes for what it has deleted.</summary>
public sealed class ReturnedObjectsTests
{
    private const string Uid = "0d1f4b4e-8c4c-4a53-9d2c-2f3a1b0c5d6e";
    private const string OtherUid = "7a1f4b4e-8c4c-4a53-9d2c-2f3a1b0c5d6e";

    private static readonly ResourceId Gone = new("", "ConfigMap", "web", "gone");
    private static readonly TrackingOwner Owner = new("default", "shop", "web");

    private readonly TombstoneRecord _record = new() { OperationId = "shop~web~1" };
    private readonly TombstoneRecord _older = new() { OperationId = "shop~web~0" };

    [Fact]
    public async Task Find_UidOfTheTombstone_IsTakenBack()
    {
        var entry = Assert.Single(await FindAsync(Live(Uid), Tombstone.Of(Live(Uid))));

        Assert.Equal((Gone, "v1", Uid), (entry.Id, entry.ApiVersion, entry.Uid));
    }

    [Fact]
    public async Task Find_OtherUid_IsLeftAlone() => Assert.Empty(await FindAsync(Live(OtherUid), Tombstone.Of(Live(Uid))));

    [Fact]
    public async Task Find_TombstoneWithoutUid_IsLeftAlone()
    {
        var json = Encoding.UTF8.GetBytes("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"gone","namespace":"web"}}""");

        Assert.Empty(await FindAsync(Live(Uid), new ManifestObject(Gone, "v1", json, Digest.Of(json), new ManifestPosition("", 0))));
        Assert.Empty(await FindAsync(Live(""), Tombstone.Of(Live(""))));
    }

    [Fact]
    public async Task Find_UidOfAnOlderRecord_IsTakenBack()
    {
        var returned = Among(Live(Uid));

        var found = await returned.FindAsync([_record, _older], record => Kept(Tombstone.Of(Live(record == _older ? Uid : OtherUid))));

        Assert.Equal([Uid], found.Select(entry => entry.Uid));
        Assert.True(returned.IsEmpty);
    }

    [Fact]
    public async Task Others_NotAmongWhatWasDeleted_AreThose()
    {
        var returned = Among(Live(OtherUid));

        Assert.Empty(await returned.FindAsync([_record], _ => Kept(Tombstone.Of(Live(Uid)))));
        Assert.Equal([Gone], returned.Others);
    }

    [Theory]
    [InlineData("default/shop/web", "", false)]
    [InlineData("default/shop/other", "", true)]
    [InlineData("theirs/shop/web", "", true)]
    [InlineData("default/shop/web", ",\"deletionTimestamp\":\"2026-01-01T00:00:00Z\"", true)]
    public void Among_OfOthersOrBeingDeleted_AreNone(string owner, string more, bool isNone) => Assert.Equal(isNone, Among(Live(Uid, owner, more)).IsEmpty);

    [Fact]
    public void Among_NotThere_AreNone() => Assert.True(Among(null).IsEmpty);

    private Task<IReadOnlyList<InventoryEntry>> FindAsync(LiveObject live, ManifestObject tombstone) =>
        Among(live).FindAsync([_record], _ => Kept(tombstone));

    private static ReturnedObjects Among(LiveObject? live) =>
        ReturnedObjects.Among([Gone], id => live is null || id != Gone ? null : ObservedObject.From(live, full: true, null), Owner);

    private static Task<IReadOnlyList<ManifestObject>> Kept(ManifestObject tombstone) => Task.FromResult<IReadOnlyList<ManifestObject>>([tombstone]);

    private static LiveObject Live(string uid, string owner = "default/shop/web", string more = "") => LiveObject.From(JsonElement.Parse($$$"""
        {"metadata":{"name":"gone","namespace":"web","uid":"{{{uid}}}","resourceVersion":"4","annotations":{"gitopsgrains.io/target":"{{{owner}}}:/ConfigMap:web/gone"}{{{more}}} }}
        """), "v1", "ConfigMap");
}
