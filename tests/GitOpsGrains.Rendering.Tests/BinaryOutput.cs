using System.Diagnostics;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Rendering.Tests;

/// <summary>What helm and kubectl print themselves for a working copy, to be compared with what was rendered.</summary>
internal static class BinaryOutput
{
    public static Task<ManifestSet> HelmAsync(string folder, params string[] arguments) => RunAsync("helm", folder, ["template", .. arguments]);

    public static Task<ManifestSet> KustomizeAsync(string folder, string path) => RunAsync("kubectl", folder, ["kustomize", path]);

    /// <summary>Object by object.</summary>
    public static void Same(ManifestSet expected, RenderResult result)
    {
        Assert.Equal([], result.Faults.Select(fault => fault.ToString()));
        Assert.NotEmpty(expected.Objects);
        Assert.Equal(expected.Objects.Select(Show), result.Set!.Objects.Select(Show));
    }

    public static string Show(ManifestObject item) => System.Text.Encoding.UTF8.GetString(item.Json.Span);

    private static async Task<ManifestSet> RunAsync(string program, string folder, string[] arguments)
    {
        var info = new ProcessStartInfo(Tools.Require(program), arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(info)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors);
        var parsed = ManifestParser.Parse("output.yaml", System.Text.Encoding.UTF8.GetBytes(await output), RenderLimits.Default);
        Assert.Empty(parsed.Faults);
        return ManifestSets.Combine(parsed.Objects).Set!;
    }
}
