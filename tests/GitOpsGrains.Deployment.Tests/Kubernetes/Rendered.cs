using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Deployment.Tests.Kubernetes;

/// <summary>The objects that overlays and the chart come to, by the real tools.</summary>
internal static class Rendered
{
    private const string Folder = "deploy/kubernetes";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly ConcurrentDictionary<string, Task<string>> Runs = new(StringComparer.Ordinal);

    /// <summary>The kinds of storage, which are the overlays' names, with the chart's value.</summary>
    public static IReadOnlyDictionary<string, string> Kinds { get; } = new Dictionary<string, string> { ["azure"] = "AzureStorage", ["redis"] = "Redis", ["single"] = "Embedded" };

    public static Task<IReadOnlyList<JsonObject>> OverlayAsync(string overlay) => RunAsync("kubectl", "kustomize", $"{Folder}/overlays/{overlay}");

    /// <summary>An overlay as somebody would write it who uses components as well.</summary>
    public static async Task<IReadOnlyList<JsonObject>> WithComponentsAsync(string overlay, params string[] components)
    {
        var folder = TestFolder.New("kustomize");
        string Below(string path) => Path.GetRelativePath(folder, DeployedFiles.PathOf($"{Folder}/{path}"));
        await File.WriteAllTextAsync(Path.Combine(folder, "kustomization.yaml"), $"""
            resources: ["{Below($"overlays/{overlay}")}"]
            components: [{string.Join(", ", components.Select(component => $"\"{Below($"components/{component}")}\""))}]
            """);
        return await RunAsync("kubectl", "kustomize", folder);
    }

    public static Task<IReadOnlyList<JsonObject>> ChartAsync(params string[] options) =>
        RunAsync("helm", ["template", "gitopsgrains", $"{Folder}/chart", "--namespace", "gitopsgrains", "--kube-version", "1.31.0", .. options]);

    public static async Task<string> FailAsync(string tool, params string[] arguments)
    {
        var (code, _, errors) = await StartAsync(tool, arguments);
        Assert.NotEqual(0, code);
        return errors;
    }

    /// <summary>group/Kind/name, by which objects of one installation differ.</summary>
    public static string IdOf(JsonObject item) => $"{Text(item["apiVersion"])!.Split('/')[0]}/{Text(item["kind"])}/{Text(item["metadata"]!["name"])}";

    public static string? Text(JsonNode? node) => node?.GetValue<string>();

    public static IEnumerable<JsonObject> Of(this IEnumerable<JsonObject> items, params string[] kinds) => items.Where(item => kinds.Contains(Text(item["kind"])));

    public static JsonObject One(this IEnumerable<JsonObject> items, string kind, string name) =>
        Assert.Single(items, item => Text(item["kind"]) == kind && Text(item["metadata"]!["name"]) == name);

    private static async Task<IReadOnlyList<JsonObject>> RunAsync(string tool, params string[] arguments) =>
        // Parsed anew for each: tests change them.
        DeployedFiles.Parse(await Runs.GetOrAdd($"{tool} {string.Join(' ', arguments)}", _ => OutputAsync(tool, arguments)));

    private static async Task<string> OutputAsync(string tool, string[] arguments)
    {
        var (code, output, errors) = await StartAsync(tool, arguments);
        Assert.True(code == 0, errors);
        return output;
    }

    private static async Task<(int Code, string Output, string Errors)> StartAsync(string tool, string[] arguments)
    {
        var options = new OwnedProcessOptions { WorkingDirectory = DeployedFiles.Root, KeptLines = int.MaxValue };
        using var process = await OwnedProcess.StartAsync(options, Tools.Require(tool), arguments);
        using var late = new CancellationTokenSource(Deadline);
        var code = await process.WaitForExitAsync(late.Token);
        return (code, process.StandardOutput, process.StandardError);
    }
}
