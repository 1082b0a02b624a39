using System.Text;
using GitOpsGrains.Abstractions.Ports.Secrets;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Rendering.Closures;
using GitOpsGrains.Rendering.Running;

namespace GitOpsGrains.Rendering.Helm;

/// <summary>
/// Fetches what a chart depends on from repositories and registries of charts into the exported chart: one run of helm for each of
/// them, so that each is asked with its own credentials and authorities and sees no other's.
/// </summary>
internal sealed class ChartFetch(ToolRunner runner, ChartAccessReader reader)
{
    /// <returns>What is wrong, or null. It may pass by itself.</returns>
    public async Task<ManifestFault?> FetchAsync(Workspace workspace, ChartPlan plan, Tool tool, CancellationToken cancellationToken)
    {
        var number = 0;
        foreach (var group in plan.Remote.GroupBy(dependency => dependency.Repository, StringComparer.Ordinal))
        {
            ChartDependency[] dependencies = [.. group.Distinct()];
            if (await FetchAsync(workspace, plan, tool, group.Key, dependencies, number++, cancellationToken) is not { } reason) continue;
            var names = string.Join(", ", dependencies.Select(item => $"{item.Name} {item.Version}"));
            return new ManifestFault(ChartFile.Name, null, null, $"{names} can't be fetched from {group.Key}: {reason}");
        }
        return null;
    }

    private async Task<string?> FetchAsync(
        Workspace workspace, ChartPlan plan, Tool tool, string url, IReadOnlyList<ChartDependency> dependencies, int number, CancellationToken cancellationToken)
    {
        ChartAccess access;
        try
        {
            access = await reader.ReadAsync(url, cancellationToken);
        }
        catch (SecretException missing)
        {
            return missing.Message;
        }
        using var folder = await ChartFolder.WriteAsync(workspace, access, dependencies, number, cancellationToken);
        var run = new ToolRun("helm", tool.Path, folder.Arguments(), workspace.Folder, folder.Environment(), true);
        var result = await runner.RunAsync(run, cancellationToken);
        if (result.ExitCode != 0) return access.Secrets.Aggregate(ReasonOf(workspace, result), (text, secret) => text.Replace(secret, "***", StringComparison.Ordinal));
        var charts = System.IO.Directory.CreateDirectory(Path.Combine(ClosureExport.PathOf(workspace, "", plan.Directory), "charts"));
        foreach (var file in System.IO.Directory.EnumerateFiles(folder.Fetched)) File.Move(file, Path.Combine(charts.FullName, Path.GetFileName(file)), true);
        return null;
    }

    /// <summary>That an index could not be had is no error for helm, and stands in what it prints; the error is that it has no index then.</summary>
    private static string ReasonOf(Workspace workspace, ToolResult result)
    {
        var lines = Encoding.UTF8.GetString(result.Output).Split('\n');
        var index = Array.FindIndex(lines, line => line.StartsWith("...Unable to get an update", StringComparison.Ordinal));
        return ToolErrors.Message(workspace, "helm", index >= 0 && index + 1 < lines.Length ? result with { Errors = lines[index + 1] } : result);
    }
}
