namespace GitOpsGrains.EndToEnd.Tests.DriftProof.Cases;

/// <summary>Custom resources of every sort of definition.</summary>
internal static class CustomResourceCases
{
    public const string Group = "drift.example.com";

    private const string Structured = """
        {"apiVersion":"drift.example.com/v1","kind":"Structured","metadata":{"name":"x","labels":{"team":"web"},"annotations":{"note":"n"}},
         "spec":{"size":1,"replicas":2,"port":"80","tags":["a","b"],"set":["a","b"],"items":[{"name":"one","value":"1"}],"nested":{"a":"1","b":"2"},
          "free":{"deep":{"value":"1"},"list":[{"n":"1"}]}}}
        """;

    private const string Loose = """
        {"apiVersion":"drift.example.com/v1","kind":"Loose","metadata":{"name":"x"},
         "spec":{"size":1,"nested":{"a":"1"},"list":[{"n":"1"}]}}
        """;

    private static readonly string Old = Loose.Replace("Loose", "Old", StringComparison.Ordinal);

    private const string TwoVersions = """{"apiVersion":"drift.example.com/v1alpha1","kind":"TwoVersion","metadata":{"name":"x"},"spec":{"size":1}}""";
    private const string NoStatus = """{"apiVersion":"drift.example.com/v1","kind":"NoStatus","metadata":{"name":"x"},"spec":{"size":1}}""";

    private static DriftCase Merge(string what, string patch, Verdict expected) =>
        new("CR", "structural CRD: " + what, Structured, item => item.MergeAsync(patch), expected);

    private static DriftCase Patch(string what, string patch, Verdict expected) =>
        new("CR", "structural CRD: " + what, Structured, item => item.JsonPatchAsync(patch), expected);

    private static IEnumerable<DriftCase> Unstructured(string sort, string manifest) =>
    [
        new("CR", $"{sort}: scalar changed", manifest, item => item.MergeAsync("""{"spec":{"size":9}}"""), Verdict.Drift),
        new("CR", $"{sort}: map removed", manifest, item => item.MergeAsync("""{"spec":{"nested":null}}"""), Verdict.Drift),
        new("CR", $"{sort}: list item changed", manifest, item => item.MergeAsync("""{"spec":{"list":[{"n":"9"}]}}"""), Verdict.Drift),
        new("CR", $"{sort}: list item appended", manifest, item => item.MergeAsync("""{"spec":{"list":[{"n":"1"},{"n":"2"}]}}"""), Verdict.Drift),
        new("CR", $"{sort}: key added", manifest, item => item.MergeAsync("""{"spec":{"more":"1"}}"""), Verdict.Alarm),
    ];

    public static IEnumerable<DriftCase> All =>
    [
        Merge("scalar changed", """{"spec":{"size":9}}""", Verdict.Drift),
        Patch("keyed list item changed", """[{"op":"replace","path":"/spec/items/0/value","value":"9"}]""", Verdict.Drift),
        // Lists of definitions are atomic in 1.20.
        Patch("keyed list item added", """[{"op":"add","path":"/spec/items/-","value":{"name":"two","value":"2"}}]""", Verdict.Drift) with { ExpectedLater = Verdict.Alarm },
        Patch("atomic list appended", """[{"op":"add","path":"/spec/tags/-","value":"c"}]""", Verdict.Drift),
        Patch("set item removed", """[{"op":"remove","path":"/spec/set/0"}]""", Verdict.Drift),
        Patch("set item added", """[{"op":"add","path":"/spec/set/-","value":"c"}]""", Verdict.Drift),
        Merge("x-preserve-unknown field: deep value changed", """{"spec":{"free":{"deep":{"value":"9"}}}}""", Verdict.Drift),
        Patch("x-preserve-unknown: list item changed", """[{"op":"replace","path":"/spec/free/list/0/n","value":"9"}]""", Verdict.Drift),
        Patch("x-preserve-unknown: list item appended", """[{"op":"add","path":"/spec/free/list/-","value":{"n":"2"}}]""", Verdict.Drift),
        Merge("x-preserve-unknown: map key added", """{"spec":{"free":{"more":"1"}}}""", Verdict.Alarm),
        Merge("int-or-string '80' -> 80", """{"spec":{"port":80}}""", Verdict.Drift),
        Merge("whole nested map removed", """{"spec":{"nested":null}}""", Verdict.Drift),
        Merge("defaulted field changed", """{"spec":{"mode":"manual"}}""", Verdict.Alarm),
        Merge("foreign label and annotation added", ForeignMetadata.LabelAndAnnotation, Verdict.Quiet),
        new("CR", "structural CRD: status subresource written", Structured, item => item.MergeInAsync("status", """{"status":{"phase":"Ready"}}"""), Verdict.Quiet),
        // The values stay as they are, 1.20 gives their ownership away all the same.
        new("CR", "structural CRD: label+annotation changed through /status", Structured,
            item => item.MergeInAsync("status", """{"metadata":{"labels":{"team":"ops"},"annotations":{"note":"o"}}}"""), Verdict.Alarm) { ExpectedLater = Verdict.Quiet },
        new("CR", "structural CRD: replicas by scale subresource (in Git)", Structured, item => item.MergeInAsync("scale", """{"spec":{"replicas":9}}"""), Verdict.Drift),
        new("CR", "CRD without status subresource: operator writes .status", NoStatus, item => item.MergeAsync("""{"status":{"phase":"Ready"}}"""), Verdict.Quiet),
        .. Unstructured("schemaless CRD (preserve-unknown root)", Loose),
        .. Unstructured("v1beta1 non-structural CRD", Old).Select(old => old with { LastMinor = 21 }),
        new("CR", "two-version CRD: applied v1alpha1, edited through v1", TwoVersions,
            item => item.Rogue.PatchAsync(item.PathOf("drift.example.com/v1"), """{"spec":{"size":9}}"""), Verdict.Drift),
    ];
}
