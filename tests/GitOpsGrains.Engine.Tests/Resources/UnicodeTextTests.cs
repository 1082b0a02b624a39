using System.Text.Json;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Tests.Resources;

/// <summary>Strings of a server that are not Unicode are found where its answer comes in.</summary>
public sealed class UnicodeTextTests
{
    [Theory]
    [InlineData("plain, ü, 😀", true)]
    [InlineData("\\u003c \\u00fc \\\" \\\\ \\n", true)]
    [InlineData("\\ud83d\\ude00", true)]
    [InlineData("\\uD83D\\uDE00 and again \\ud83d\\ude00", true)]
    [InlineData("\\\\ud800", true)]
    [InlineData("\\ud800", false)]
    [InlineData("\\udc00", false)]
    [InlineData("\\uDE00\\uD83D", false)]
    [InlineData("\\ud83d\\u0041", false)]
    [InlineData("\\ud83d \\ude00", false)]
    [InlineData("\\ud83d\\n", false)]
    [InlineData("\\\\\\ud800", false)]
    public void From_AnObjectWithThisText_IsReadExactlyIfTheTextCanBe(string text, bool isWhole)
    {
        var root = JsonElement.Parse($$"""{"metadata":{"name":"a"},"data":{"k":"{{text}}"} }""");

        Assert.Equal(isWhole, Record.Exception(() => root.GetProperty("data").GetProperty("k").GetString()) is null);
        Assert.Equal(isWhole, Record.Exception(() => LiveObject.From(root, "v1", "ConfigMap")) is not JsonException);
    }

    [Fact]
    public void From_AnObjectWithBytesThatAreNoUtf8_IsRefused()
    {
        var root = JsonElement.Parse([.. "{\"metadata\":{\"name\":\"a\"},\"k\":\""u8, 0xC3, 0x28, .. "\"}"u8]);

        Assert.Throws<JsonException>(() => LiveObject.From(root, "v1", "ConfigMap"));
    }

    [Fact]
    public void From_AKeyWithHalfASurrogatePair_IsRefused() =>
        Assert.Throws<JsonException>(() => LiveObject.From(JsonElement.Parse("""{"metadata":{"name":"a","labels":{"\udbff":"x"}}}"""), "v1", "ConfigMap"));
}
