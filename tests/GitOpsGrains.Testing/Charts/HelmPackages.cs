using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Testing.Charts;

/// <summary>Charts that helm itself packs.</summary>
public static class HelmPackages
{
    /// <summary>A chart with one ConfigMap, which has the chart's name; gives the archive's path.</summary>
    public static async Task<string> WriteAsync(string folder, string name, string version)
    {
        var templates = Directory.CreateDirectory(Path.Combine(folder, name, "templates"));
        await File.WriteAllTextAsync(Path.Combine(templates.Parent!.FullName, "Chart.yaml"), $"apiVersion: v2\nname: {name}\nversion: {version}\n");
        await File.WriteAllTextAsync(Path.Combine(templates.FullName, "map.yaml"), $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{value: \"{version}\"}}\n");
        await RunAsync(folder, "package", name);
        return Path.Combine(folder, $"{name}-{version}.tgz");
    }

    /// <summary>Runs helm to its end, in a home of its own.</summary>
    public static async Task RunAsync(string folder, params string[] arguments)
    {
        var home = new Dictionary<string, string?> { ["HOME"] = folder, ["XDG_CACHE_HOME"] = null, ["XDG_CONFIG_HOME"] = null, ["XDG_DATA_HOME"] = null };
        using var process = await OwnedProcess.StartAsync(new OwnedProcessOptions { WorkingDirectory = folder, Environment = home }, Tools.Require("helm"), arguments);
        if (await process.WaitForExitAsync() != 0) throw new InvalidOperationException(process.Output);
    }
}
