using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Rendering.Tests.Helm;

/// <summary>Charts that helm itself packs.</summary>
internal static class HelmPackages
{
    /// <summary>A chart with one ConfigMap, which has the chart's name; gives the archive's path.</summary>
    public static async Task<string> WriteAsync(string folder, string name, string version)
    {
        var templates = System.IO.Directory.CreateDirectory(Path.Combine(folder, name, "templates"));
        await File.WriteAllTextAsync(Path.Combine(templates.Parent!.FullName, "Chart.yaml"), $"apiVersion: v2\nname: {name}\nversion: {version}\n");
        await File.WriteAllTextAsync(Path.Combine(templates.FullName, "map.yaml"), RenderHarness.ConfigMap(name, version));
        await RunAsync(folder, "package", name);
        return Path.Combine(folder, $"{name}-{version}.tgz");
    }

    /// <summary>Runs helm to its end, in a home of its own.</summary>
    public static async Task RunAsync(string folder, params string[] arguments)
    {
        var home = new Dictionary<string, string?> { ["HOME"] = folder, ["XDG_CACHE_HOME"] = null, ["XDG_CONFIG_HOME"] = null, ["XDG_DATA_HOME"] = null };
        using var process = await OwnedProcess.StartAsync(new OwnedProcessOptions { WorkingDirectory = folder, Environment = home }, Tools.Require("helm"), arguments);
        Assert.True(await process.WaitForExitAsync() == 0, process.Output);
    }
}
