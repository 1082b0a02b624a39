using System.Text.Json.Nodes;
using GitOpsGrains.Documents.Schemas;

namespace GitOpsGrains.Documents.Tests;

public sealed class SchemaTests
{
    [Theory]
    [InlineData("Repository")]
    [InlineData("Cluster")]
    [InlineData("Project")]
    [InlineData("Application")]
    [InlineData("RepositoryCredentials")]
    public void For_EveryKind_RefusesUnknownFieldsEverywhere(string kind)
    {
        var schema = DocumentSchemas.For(kind);
        Assert.Equal(kind, schema["properties"]!["kind"]!["const"]!.GetValue<string>());
        var open = Objects(schema, "").Where(static item => item.Node["properties"] is not null && item.Node["additionalProperties"] is not JsonValue).Select(static item => item.Path);
        Assert.Empty(open);
    }

    [Fact]
    public void For_Application_SaysDurationsAndBothFormsOfPrune()
    {
        var sync = DocumentSchemas.For("Application")["properties"]!["spec"]!["properties"]!["sync"]!["properties"]!;
        Assert.Equal("string", sync["timeout"]!["type"]!.GetValue<string>());
        Assert.Equal("boolean", sync["prune"]!["anyOf"]![0]!["type"]!.GetValue<string>());
        Assert.Equal("integer", sync["prune"]!["anyOf"]![1]!["properties"]!["budget"]!["properties"]!["objects"]!["type"]!.GetValue<string>());
    }

    private static IEnumerable<(string Path, JsonObject Node)> Objects(JsonNode? node, string path)
    {
        if (node is JsonArray list) return list.SelectMany((item, index) => Objects(item, $"{path}[{index}]"));
        return node is JsonObject map ? map.SelectMany(pair => Objects(pair.Value, $"{path}/{pair.Key}")).Prepend((path, map)) : [];
    }
}
