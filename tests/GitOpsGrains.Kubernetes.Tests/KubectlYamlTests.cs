using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Kubernetes.Tests;

/// <summary>
/// kubectl says what a manifest means. The texts are those that YAML parsers read in different ways; each was found by
/// reading mutated manifests with two of them and with kubectl. Where we knowingly differ is not among them: a tag that
/// nobody knows is refused (kubectl ignores it), and <c>\/</c> in quotes is read, as JSON has it (kubectl refuses it).
/// </summary>
public sealed class KubectlYamlTests
{
    public static TheoryData<string> Texts =>
    [
        "spec: {a: b, c: [d, e]}",
        "spec: [?hop, shop]",
        "spec: {?me: t}",
        "spec: {name:\n  multi\n  line, b: c}",
        "spec: {a:\nb}",
        "spec: {name: a\u2028b}",
        "spec: [a: b, c]",
        "spec: [:]",
        "spec: a\n \t\nb: c",
        "\t\nspec: a",
        "spec:\n\t- a",
        "%-\nspec: a",
        "spec: %a",
        "spec: @a",
        "spec: `a",
        "::",
        "spec: ::",
        "spec: a#b # c",
        "spec: 'it''s'\nb: \"a\\tb\\u00e9\\\n  c\"",
        "spec: \"a\\qb\"",
        "spec: |+\n  keep\n\nb: >-\n  folded\n  text\n\n   more\n",
        "spec: >2\n    deep\n",
        "spec: |0\n a\n",
        "? spec\n: a",
        "spec: ! 7",
        "spec: &a ! 7\nb: *a",
        "spec: ! &a 7\nb: *a",
        "spec: !!str 7",
        "spec: !!int \"7\"",
        "spec: &a {b: c}\nd: {<<: *a, e: f}",
        "spec: *unknown",
        "spec:\n- - - deep\n  -\n  - ~",
        "spec:\r\n  a: |\r\n    x\r\n    y\r\n",
        "spec: [a,\n  b, # c\n  c]",
        "spec: [a, , b]",
        "spec: {a, b}",
        "spec: [a",
        "spec: 'a",
        "spec: a: b",
        "spec:\n  a: 1\n b: 2",
        "spec: -",
        "spec: --- a",
    ];

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task Parse_OfATextThatParsersReadDifferently_ReadsItAsKubectlDoes(string text)
    {
        var manifest = "apiVersion: e.com/v1\nkind: Thing\nmetadata: {name: x, namespace: x}\n" + text + "\n";

        var expected = await KubectlAsync(manifest);
        var result = ManifestParser.Parse("a.yaml", Encoding.UTF8.GetBytes(manifest), RenderLimits.Default);

        var read = result.Faults.Count == 0 ? Canonical(Encoding.UTF8.GetString(Assert.Single(result.Objects).Json.Span)) : null;
        Assert.Equal(expected, read);
    }

    /// <summary>What kubectl reads, without its metadata; null if it refuses.</summary>
    private static async Task<string?> KubectlAsync(string manifest)
    {
        var start = new ProcessStartInfo(Tools.Require("kubectl"), ["annotate", "--local", "-f", "-", "-o", "json", "x=y"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, StandardInputEncoding = new UTF8Encoding(false),
        };
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(manifest);
        process.StandardInput.Close();
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode == 0) return Canonical(await output);
        Assert.Contains("error converting YAML to JSON", await errors, StringComparison.Ordinal);
        return null;
    }

    /// <summary>Keys in order, no metadata, and no keys with null, which mean the same as none.</summary>
    private static string Canonical(string json)
    {
        var root = JsonNode.Parse(json)!.AsObject();
        root.Remove("metadata");
        return Sorted(root)!.ToJsonString();
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.Where(entry => entry.Value is not null).OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => KeyValuePair.Create(entry.Key, Sorted(entry.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
