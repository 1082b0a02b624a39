using System.Text.Json.Nodes;
using GitOpsGrains.Documents.Rest;
using System.Text.Json;
using GitOpsGrains.Documents.Json;

namespace GitOpsGrains.Documents.Tests;

public sealed class YamlWriterTests
{
    [Fact]
    public void Write_TextThatLooksLikeOtherTypes_IsQuoted()
    {
        var yaml = DocumentYaml.Write(new JsonObject { ["a"] = "true", ["b"] = "1.20", ["c"] = "plain text", ["d"] = 3, ["e"] = false, ["f"] = new JsonArray(), ["g"] = new JsonObject(), ["h"] = new JsonArray("x", "on"), ["i"] = "", ["j"] = "a: b", ["k"] = "two\nlines\n", ["on"] = 1.5 });
        Assert.Equal("""
            a: "true"
            b: "1.20"
            c: plain text
            d: 3
            e: false
            f: []
            g: {}
            h:
              - x
              - "on"
            i: ""
            j: 'a: b'
            k: |
              two
              lines
            "on": 1.5

            """, yaml);
    }

    [Theory]
    [InlineData("\u001b[31mred", "a: \"\\e[31mred\"\n")]
    [InlineData("\u001b[31m\nred", "a: \"\\e[31m\\nred\"\n")]
    [InlineData("one\r\ntwo", "a: \"one\\r\\ntwo\"\n")]
    [InlineData("one\u2028two", "a: \"one\\Ltwo\"\n")]
    [InlineData("one\u0085two", "a: \"one\\Ntwo\"\n")]
    [InlineData("one\n\ttwo", "a: |-\n  one\n  \ttwo\n")]
    public void Write_TextWithControlCharacters_IsEscaped(string text, string expected) =>
        Assert.Equal(expected, DocumentYaml.Write(new JsonObject { ["a"] = text }));

    [Fact]
    public void Rest_View_IsCamelCaseWithWordsAndWithoutNulls()
    {
        Assert.Equal("""{"results":[{"kind":"Cluster","name":"eu","result":"configured"}],"dryRun":false}""", JsonSerializer.Serialize(new ApplyResponse { Results = [new ApplyResult { Kind = "Cluster", Name = "eu", Result = ApplyOutcome.Configured }] }, DocumentJson.Rest));
        Assert.Equal("""{"id":"1","kind":"sync","phase":"Running","message":""}""", JsonSerializer.Serialize(new OperationView { Id = "1", Kind = "sync", Phase = OperationPhase.Running }, DocumentJson.Rest));
    }
}
