using System.Text.Json.Nodes;

namespace GitOpsGrains.EndToEnd.Tests.DriftProof.Cases;

/// <summary>A kind without generation that is watched by its metadata: its resourceVersion stands for its content.</summary>
internal static class ConfigMapCases
{
    public const string Manifest = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x","labels":{"team":"web"}},"data":{"a":"1","b":"2"}}""";
    private const string Bare = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x","namespace":"$NAME"},"data":{"a":"1","b":"2"}}""";
    private const string Older = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x","labels":{"team":"web"}},"data":{"a":"0","b":"2"}}""";
    private const string WithFinalizer = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x","finalizers":["example.com/ours"]},"data":{"a":"1"}}""";

    private static DriftCase Case(string what, Func<CaseObject, Task> edit, Verdict expected, string manifest = Manifest) => new("ConfigMap", what, manifest, edit, expected);

    public static IEnumerable<DriftCase> All =>
    [
        Case("other manager patches owned value", item => item.MergeAsync("""{"data":{"a":"9"}}"""), Verdict.Drift),
        Case("other removes one owned key", item => item.MergeAsync("""{"data":{"b":null}}"""), Verdict.Drift),
        Case("other removes the whole data map", item => item.JsonPatchAsync("""[{"op":"remove","path":"/data"}]"""), Verdict.Drift),
        Case("other adds a foreign key", item => item.MergeAsync("""{"data":{"z":"9"}}"""), Verdict.Alarm),
        Case("other writes the same value", item => item.MergeAsync("""{"data":{"a":"1"}}"""), Verdict.Quiet),
        Case("second applier, same values", item => item.RogueApplyAsync(Bare), Verdict.Alarm),
        Case("second applier shares, then forces another value", async item =>
        {
            await item.RogueApplyAsync(Bare);
            await item.RogueApplyAsync(Bare.Replace("\"a\":\"1\"", "\"a\":\"9\"", StringComparison.Ordinal));
        }, Verdict.Drift),
        Case("rogue value, then set back by hand", async item =>
        {
            await item.MergeAsync("""{"data":{"a":"9"}}""");
            await item.MergeAsync("""{"data":{"a":"1"}}""");
        }, Verdict.Alarm),
        Case("PUT by other, value changed, managedFields omitted", item => item.PutAsync(json =>
        {
            json["metadata"]!.AsObject().Remove("managedFields");
            json["data"]!["a"] = "9";
        }), Verdict.Drift),
        Case("PUT of a saved copy incl. managedFields, value changed", item => item.PutAsync(json => json["data"]!["a"] = "9"), Verdict.Drift),
        Case("managedFields reset to [{}]", item => item.MergeAsync("""{"metadata":{"managedFields":[{}]}}"""), Verdict.Alarm),
        Case("managedFields reset and value changed in one request",
            item => item.MergeAsync("""{"metadata":{"managedFields":[{}]},"data":{"a":"9"}}"""), Verdict.Drift),
        Case("value changed, then managedFields put back verbatim", async item =>
        {
            var before = (await item.GetJsonAsync()).GetProperty("metadata").GetProperty("managedFields").GetRawText();
            await item.MergeAsync("""{"data":{"a":"9"}}""");
            await item.MergeAsync($$$"""{"metadata":{"managedFields":{{{before}}}}}""");
        }, Verdict.Drift),
        Case("SAME manager name applies other value", item => item.ZombieAsync(body => body["data"]!["a"] = "9"), Verdict.Drift) with { NeedsNextSecond = true },
        Case("SAME manager name, with its own old digest annotation", item => item.ZombieAsync(body =>
        {
            body["data"]!["a"] = "9";
            body["metadata"]!["annotations"]!["gitopsgrains.io/digest"] = new string('0', 64);
        }), Verdict.Drift) with { NeedsNextSecond = true },
        Case("SAME manager name, within the same second", item => item.ZombieAsync(body => body["data"]!["a"] = "9"), Verdict.Drift),
        Case("kubectl edit --field-manager=gitopsgrains", item => item.MergeAsync("""{"data":{"a":"9"}}""", "gitopsgrains"), Verdict.Drift),
        // As Git wants it again: what is left to do is to learn its new uid.
        Case("deleted and recreated from a backup incl. managedFields", RecreateAsync, Verdict.Alarm),
        Case("deleted while a foreign finalizer holds it", async item =>
        {
            await item.MergeAsync("""{"metadata":{"finalizers":["example.com/other"]}}""");
            await item.Rogue.DeleteAsync(item.Path);
        }, Verdict.Drift),
        Case("foreign finalizer and ownerReference added", item => item.MergeAsync(ForeignMetadata.FinalizerAndOwner), Verdict.Alarm),
        Case("our finalizer removed", item => item.MergeAsync("""{"metadata":{"finalizers":null}}"""), Verdict.Drift, WithFinalizer),
        Case("our label removed", item => item.MergeAsync("""{"metadata":{"labels":{"gitopsgrains.io/managed":null}}}"""), Verdict.Drift),
        Case("our label removed, owned value changed afterwards", async item =>
        {
            await item.MergeAsync("""{"metadata":{"labels":{"gitopsgrains.io/managed":null}}}""");
            await item.MergeAsync("""{"data":{"a":"9"}}""");
        }, Verdict.Drift),
        Case("target annotation edited", item => item.MergeAsync("""{"metadata":{"annotations":{"gitopsgrains.io/target":"other"}}}"""), Verdict.Drift),
        Case("foreign label and annotation added", item => item.MergeAsync(ForeignMetadata.LabelAndAnnotation), Verdict.Alarm),
        Case("kubectl apply of the same file", item => KubectlApplyAsync(item, "1"), Verdict.Alarm),
        Case("kubectl apply with another value", item => KubectlApplyAsync(item, "9"), Verdict.Drift),
        Case("kubectl edit", item => item.StrategicAsync("""{"data":{"a":"9"}}""", "kubectl-edit"), Verdict.Drift),
        Case("kubectl replace with the bare file", item => item.Rogue.PutAsync($"{item.Path}?fieldManager=kubectl-replace", item.Fill(Bare)), Verdict.Drift),
        Case("kubectl apply --server-side by a human, same values", item => item.RogueApplyAsync(Bare, "kubectl"), Verdict.Alarm),
        Case("etcd restored to an older revision of the object", item => EtcdStore.WriteAsync(item, item.Saved!), Verdict.Drift) with { Before = SaveOlderAsync },
    ];

    private static Task KubectlApplyAsync(CaseObject item, string value)
    {
        var file = item.Fill(Bare).Replace("\"a\":\"1\"", $"\"a\":\"{value}\"", StringComparison.Ordinal);
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { ["kubectl.kubernetes.io/last-applied-configuration"] = file } },
            ["data"] = JsonNode.Parse(file)!["data"]!.DeepClone(),
        };
        return item.StrategicAsync(patch.ToJsonString(), "kubectl-client-side-apply");
    }

    private static async Task RecreateAsync(CaseObject item)
    {
        var json = JsonNode.Parse((await item.GetJsonAsync()).GetRawText())!;
        await item.Rogue.DeleteAsync(item.Path);
        json["metadata"]!.AsObject().Remove("resourceVersion");
        json["metadata"]!.AsObject().Remove("uid");
        await item.Rogue.PostAsync(item.Path[..item.Path.LastIndexOf('/')], json.ToJsonString());
    }

    private static async Task SaveOlderAsync(CaseObject item)
    {
        item.Want(Older);
        await item.ApplyAsync();
        item.Saved = await EtcdStore.ReadAsync(item);
        item.Want(Manifest);
    }
}
