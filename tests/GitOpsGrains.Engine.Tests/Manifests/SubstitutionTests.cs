using System.Text;
using GitOpsGrains.Engine.Manifests;

namespace GitOpsGrains.Engine.Tests.Manifests;

public sealed class SubstitutionTests
{
    private static readonly Dictionary<string, string> Variables = new()
    {
        ["A"] = "one",
        ["EMPTY"] = "",
        ["N"] = "3",
        ["QUOTED"] = "\"3\"",
        ["YES"] = "true",
        ["LINES"] = "x\ny: z",
        ["MAP"] = "{a: b}",
    };

    private static ManifestParseResult Parse(string yaml) =>
        ManifestParser.Parse("a.yaml", Encoding.UTF8.GetBytes(yaml), RenderLimits.Default, new Substitution(Variables));

    private static string Spec(string value) =>
        Encoding.UTF8.GetString(Assert.Single(Parse($"apiVersion: example.com/v1\nkind: Thing\nmetadata: {{name: a}}\nspec:\n  value: {value}\n").Objects).Json.Span)
            .Split("\"value\":")[1][..^2];

    [Theory]
    [InlineData("${A}", "\"one\"")]
    [InlineData("'${A}'", "\"one\"")]
    [InlineData("x-${A}-${A}", "\"x-one-one\"")]
    [InlineData("${MISSING:=two}", "\"two\"")]
    [InlineData("${MISSING:-two}", "\"two\"")]
    [InlineData("${MISSING=two}", "\"two\"")]
    [InlineData("${MISSING-two}", "\"two\"")]
    [InlineData("${EMPTY:=two}", "\"two\"")]
    [InlineData("'${EMPTY=two}x'", "\"x\"")]
    [InlineData("'${MISSING:=}x'", "\"x\"")]
    [InlineData("${A:=${MISSING}}", "\"one\"")]
    [InlineData("${MISSING:=${A}-${MISSING:=${N}}}", "\"one-3\"")]
    [InlineData("${A:?must be}", "\"one\"")]
    [InlineData("$${A}", "\"${A}\"")]
    [InlineData("'${MISSING:=a$${b}c}'", "\"a${b}c\"")]
    [InlineData("$A $ $$", "\"$A $ $$\"")]
    [InlineData("${N}", "3")]
    [InlineData("\"${N}\"", "3")]
    [InlineData("${YES}", "true")]
    [InlineData("${QUOTED}", "\"3\"")]
    [InlineData("\"a: ${N}\"", "\"a: 3\"")]
    [InlineData("${LINES}", "\"x\\ny: z\"")]
    [InlineData("${MAP}", "\"{a: b}\"")]
    public void Substitute_Value_IsExpanded(string value, string expected) => Assert.Equal(expected, Spec(value));

    [Theory]
    [InlineData("${MISSING}", "the variable MISSING is not set and has no default")]
    [InlineData("${EMPTY:?must be}", "the variable EMPTY is not set: must be")]
    [InlineData("${A", "a '${' has no '}'")]
    [InlineData("${MISSING:=${A", "a '${' has no '}'")]
    [InlineData("${}", "a '${' begins no variable; write '$${' for the text itself")]
    [InlineData("${{ x }}", "a '${' begins no variable; write '$${' for the text itself")]
    [InlineData("${A/x/y}", "'${A' goes on with an operation that is not supported")]
    [InlineData("${A:}", "'${A' goes on with an operation that is not supported")]
    public void Substitute_WhatCannotBe_IsAFault(string value, string reason)
    {
        var fault = Assert.Single(Parse($"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata: {{value: '{value}'}}\n").Faults);
        Assert.Equal(("a.yaml", $"data.value: {reason}"), (fault.File, fault.Reason));
    }

    [Fact]
    public void Substitute_WhereStringsAreWanted_KeepsStrings()
    {
        var item = Assert.Single(Parse("""
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: "${A}", labels: {count: "${N}"}, annotations: {"x-${A}": "${YES}"}}
            data: {count: "${N}"}
            """).Objects);
        Assert.Equal("one", item.Id.Name);
        Assert.Equal(
            """{"apiVersion":"v1","data":{"count":"3"},"kind":"ConfigMap","metadata":{"annotations":{"x-one":"true"},"labels":{"count":"3"},"name":"one"}}""",
            Encoding.UTF8.GetString(item.Json.Span));
    }

    [Theory]
    [InlineData("annotations")]
    [InlineData("labels")]
    public void Substitute_SwitchedOffByTheObject_LeavesItAlone(string map)
    {
        var item = Assert.Single(Parse($$"""
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: a, {{map}}: {kustomize.toolkit.fluxcd.io/substitute: disabled} }
            data: {n: "${MISSING}"}
            """).Objects);
        Assert.Contains("${MISSING}", Encoding.UTF8.GetString(item.Json.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void Substitute_ManyLargeVariables_IsAFaultBeforeMemoryIsGone()
    {
        var variables = new Dictionary<string, string> { ["BIG"] = new string('x', 65536) };
        var yaml = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n" + string.Concat(Enumerable.Range(0, 2000).Select(i => $"  k{i}: ${{BIG}}\n"));
        var result = ManifestParser.Parse("a.yaml", Encoding.UTF8.GetBytes(yaml), RenderLimits.Default, new Substitution(variables));
        Assert.Equal("the object has more than 16777216 characters with its variables", Assert.Single(result.Faults).Reason);

        var one = ManifestParser.Parse("a.yaml", Encoding.UTF8.GetBytes("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: '" + string.Concat(Enumerable.Repeat("${BIG}", 1000)) + "'}\n"), RenderLimits.Default, new Substitution(variables));
        Assert.Contains("longer than 1048576 characters", Assert.Single(one.Faults).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Substitute_DeepDefaults_EndInAFault()
    {
        var text = string.Concat(Enumerable.Repeat("${M:=", 1000)) + new string('}', 1000);
        var result = Parse($"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata: {{k: '{text}'}}\n");
        Assert.Contains("nested deeper than 16", Assert.Single(result.Faults).Reason, StringComparison.Ordinal);
    }
}
