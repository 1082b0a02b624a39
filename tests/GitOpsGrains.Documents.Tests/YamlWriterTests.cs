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

    [Fact]
    public void Rest_View_IsCamelCaseWithWordsAndWithoutNulls()
    {
        Assert.Equal("""{"results":[{"kind":"Cluster","name":"eu","result":"configured"}],"dryRun":false}""", JsonSerializer.Serialize(new ApplyResponse { Results = [new ApplyResult { Kind = "Cluster", Name = "eu", Result = ApplyOutcome.Configured }] }, DocumentJson.Rest));
        Assert.Equal("""{"id":"1","kind":"sync","phase":"Running","message":""}""", JsonSerializer.Serialize(new OperationView { Id = "1", Kind = "sync", Phase = OperationPhase.Running }, DocumentJson.Rest));
    }
}
