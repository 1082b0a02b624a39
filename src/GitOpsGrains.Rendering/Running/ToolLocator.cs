using System.Collections.Concurrent;
using GitOpsGrains.Adapters.Processes;
using GitOpsGrains.Rendering.Hosting;
using Microsoft.Extensions.Options;

namespace GitOpsGrains.Rendering.Running;

/// <summary>A program with the version it tells, which goes into every key.</summary>
/// <param name="IsKubectl">It is kubectl, which has kustomize as a command.</param>
internal sealed record Tool(string Path, string Version, bool IsKubectl);

/// <summary>Finds helm and kustomize, by the settings or on the PATH, and asks each once for its version.</summary>
internal sealed class ToolLocator(ToolRunner runner, IOptions<RenderingOptions> options)
{
    private readonly ConcurrentDictionary<string, Task<string>> _versions = new(StringComparer.Ordinal);

    /// <summary>Errors: <see cref="ToolException"/> when it is not there or does not tell its version.</summary>
    public async Task<Tool> HelmAsync(CancellationToken cancellationToken)
    {
        var path = Find("helm", "Rendering:Helm", options.Value.Helm, ["helm"]);
        return new Tool(path, await VersionAsync(path, ["version", "--short"], cancellationToken), false);
    }

    /// <inheritdoc cref="HelmAsync"/>
    public async Task<Tool> KustomizeAsync(CancellationToken cancellationToken)
    {
        var path = Find("kustomize", "Rendering:Kustomize", options.Value.Kustomize, ["kustomize", "kubectl"]);
        var isKubectl = Path.GetFileName(path).StartsWith("kubectl", StringComparison.Ordinal);
        return new Tool(path, await VersionAsync(path, isKubectl ? ["version", "--client"] : ["version"], cancellationToken), isKubectl);
    }

    private static string Find(string tool, string setting, string? configured, string[] names)
    {
        if (!string.IsNullOrEmpty(configured))
            return File.Exists(configured) ? configured : throw new ToolException($"{tool} is not where the setting {setting} says");
        return names.Select(Programs.Find).FirstOrDefault(path => path is not null)
            ?? throw new ToolException($"{string.Join(" or ", names)} is needed for this source and not on the PATH; install it, or name it in the setting {setting}");
    }

    private async Task<string> VersionAsync(string path, string[] arguments, CancellationToken cancellationToken)
    {
        // A program that is replaced while this process runs is another one.
        var identity = $"{path} {File.GetLastWriteTimeUtc(path).Ticks}";
        var asked = _versions.GetOrAdd(identity, _ => AskAsync(path, arguments));
        try
        {
            return await asked.WaitAsync(cancellationToken);
        }
        catch (ToolException)
        {
            _versions.TryRemove(identity, out _);
            throw;
        }
    }

    private async Task<string> AskAsync(string path, string[] arguments)
    {
        var name = Path.GetFileName(path);
        try
        {
            using var workspace = new Workspace();
            var answer = await runner.RunAsync(new ToolRun(name, path, arguments, workspace.Folder, workspace.Environment(false), false), CancellationToken.None);
            var version = System.Text.Encoding.UTF8.GetString(answer.Output).Trim();
            return answer.ExitCode == 0 && version.Length is > 0 and < 1000 ? version : throw new ToolException($"{name} does not tell its version");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ToolException(Workspace.Unusable(failure), failure);
        }
    }
}
