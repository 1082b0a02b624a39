using CsCheck;
using GitOpsGrains.Simulation.Fields;
using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Schemas;

namespace GitOpsGrains.Simulation.Tests.Fields;

/// <summary>In what order the items of a merged list stand: of the applied ones as applied, of the others where they were.</summary>
public sealed class MergeOrderTests
{
    private static readonly SchemaType Keyed = new(SchemaKind.List)
    {
        List = ListKind.Keyed, Keys = ["name"], Element = new SchemaType(SchemaKind.Struct) { Fields = { ["name"] = SchemaType.Text, ["value"] = SchemaType.Text } },
    };

    private static readonly SchemaType Set = new(SchemaKind.List) { List = ListKind.Set, Element = SchemaType.Text };

    [Theory]
    [InlineData("abc", "abc", "abc")]
    [InlineData("abc", "cba", "cba")]
    [InlineData("abc", "ac", "abc")]
    [InlineData("abc", "ca", "bca")]
    [InlineData("abc", "d", "abcd")]
    [InlineData("abc", "da", "dabc")]
    [InlineData("abc", "ad", "abcd")]
    [InlineData("abc", "bdc", "abdc")]
    [InlineData("", "ab", "ab")]
    [InlineData("ab", "", "ab")]
    [InlineData("abc", "axyzb", "axyzbc")]
    [InlineData("abc", "abd", "abcd")]
    [InlineData("xay", "ba", "xbay")]
    public void Merge_OfTwoLists(string live, string applied, string expected)
    {
        Assert.Equal(expected, Names(Merging.Merge(Items(live, "old"), Items(applied, "new"), Keyed)!));
        Assert.Equal(expected, Texts(Merging.Merge(Plain(live), Plain(applied), Set)!));
    }

    [Fact]
    public void Merge_KeepsBothOrders_AndTakesAppliedValues() => Pairs().Sample(static (live, applied) =>
    {
        var merged = (JsonArray)Merging.Merge(Items(live, "old"), Items(applied, "new"), Keyed)!;
        var names = Names(merged);

        Assert.Equal(live.Union(applied).Order(), names.Order());
        Assert.Equal(applied, string.Concat(names.Where(name => applied.Contains(name, StringComparison.Ordinal))));
        var others = live.Except(applied).ToHashSet();
        Assert.Equal(live.Where(others.Contains), names.Where(others.Contains));
        Assert.All(merged, item => Assert.Equal(applied.Contains(item!["name"]!.ToString(), StringComparison.Ordinal) ? "new" : "old", item["value"]!.ToString()));
    });

    /// <summary>An apply of the same once more changes nothing: else each check would write.</summary>
    [Fact]
    public void Merge_OfTheSameAgain_ChangesNothing() => Pairs().Sample(static (live, applied) =>
    {
        var once = Merging.Merge(Items(live, "old"), Items(applied, "new"), Keyed)!;
        var twice = Merging.Merge(once, Items(applied, "new"), Keyed)!;

        Assert.Equal(once.ToJsonString(), twice.ToJsonString());
    });

    [Fact]
    public void Merge_ChangesNeitherOfTheTwo() => Pairs().Sample(static (live, applied) =>
    {
        var (left, right) = (Items(live, "old"), Items(applied, "new"));

        Merging.Merge(left, right, Keyed);

        Assert.Equal((Items(live, "old").ToJsonString(), Items(applied, "new").ToJsonString()), (left.ToJsonString(), right.ToJsonString()));
    });

    /// <summary>What is taken out again is what came in, whatever others have beside it.</summary>
    [Fact]
    public void Remove_OfWhatWasApplied_LeavesTheOthers() => Pairs().Sample(static (live, applied) =>
    {
        var others = string.Concat(live.Except(applied));
        var merged = Merging.Merge(Items(others, "old"), Items(applied, "new"), Keyed)!;

        var rest = Merging.Remove(merged, TypedValue.Fields(Items(applied, "new"), Keyed), Keyed);

        Assert.Equal(others, rest is null ? "" : Names(rest));
    });

    private static Gen<(string Live, string Applied)> Pairs()
    {
        var list = Gen.Select(Gen.Shuffle("abcdefgh".ToCharArray()), Gen.Int[0, 8], static (letters, count) => new string(letters, 0, count));
        return Gen.Select(list, list);
    }

    private static JsonArray Items(string names, string value) =>
        new([.. names.Select(name => (JsonNode)new JsonObject { ["name"] = name.ToString(), ["value"] = value })]);

    private static JsonArray Plain(string names) => new([.. names.Select(static name => (JsonNode)name.ToString())]);

    private static string Names(JsonNode list) => string.Concat(((JsonArray)list).Select(static item => item!["name"]!.ToString()));

    private static string Texts(JsonNode list) => string.Concat(((JsonArray)list).Select(static item => item!.ToString()));
}
