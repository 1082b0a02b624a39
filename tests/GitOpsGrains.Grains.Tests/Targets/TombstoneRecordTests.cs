using System.Text;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Grains.Targets;

namespace GitOpsGrains.Grains.Tests.Targets;

public sealed class TombstoneRecordTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Of_NewOperation_ComesFirst()
    {
        var records = new List<TombstoneRecord>();
        var first = TombstoneRecord.Of(records, "a", Now);
        var second = TombstoneRecord.Of(records, "b", Now);

        Assert.Equal([second, first], records);
        Assert.Same(first, TombstoneRecord.Of(records, "a", Now));
    }

    [Fact]
    public void Of_MoreThanAreKept_DropsTheOldest()
    {
        var records = new List<TombstoneRecord>();
        for (var index = 0; index <= TombstoneRecord.MaxRecords; index++) TombstoneRecord.Of(records, $"{index}", Now);

        Assert.Equal(TombstoneRecord.MaxRecords, records.Count);
        Assert.Equal(("20", "1"), (records[0].OperationId, records[^1].OperationId));
    }

    [Fact]
    public void Of_OlderThanTheStoreKeeps_IsDropped()
    {
        var records = new List<TombstoneRecord>();
        TombstoneRecord.Of(records, "old", Now - TombstoneRecord.Lifetime - TimeSpan.FromSeconds(1));
        TombstoneRecord.Of(records, "edge", Now - TombstoneRecord.Lifetime);
        TombstoneRecord.Of(records, "new", Now);

        Assert.Equal(["new", "edge"], records.Select(record => record.OperationId));
    }

    [Fact]
    public async Task Read_PartThatIsDamagedAndPartThatIsGone_GivesTheOthers()
    {
        var record = new TombstoneRecord { Parts = [new() { Key = "torn" }, new() { Key = "newer" }, new() { Key = "gone" }, new() { Key = "older" }] };
        var unreadable = new List<string>();

        var manifests = await record.ReadAsync(
            part => part.Key switch
            {
                "torn" => throw new InvalidDataException("torn"),
                "gone" => Task.FromResult<ManifestSet?>(null),
                _ => Task.FromResult(ManifestSets.Combine([Manifest("both", part.Key), Manifest(part.Key, part.Key)]).Set),
            },
            damaged => unreadable.Add(damaged.Message));

        Assert.Equal(["torn"], unreadable);
        Assert.Equal(["both newer", "newer newer", "older older"], manifests.Select(manifest => $"{manifest.Id.Name} {manifest.Position.File}").Order());
    }

    private static ManifestObject Manifest(string name, string part)
    {
        var json = Encoding.UTF8.GetBytes($$"""{"part":"{{part}}"}""");
        return new ManifestObject(new ResourceId("", "ConfigMap", "web", name), "v1", json, Digest.Of(json), new ManifestPosition(part, 0));
    }
}
