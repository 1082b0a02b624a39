using System.Diagnostics;
using System.Globalization;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Benchmarks.Stage;

/// <summary>The peer: kubectl with a field manager of its own.</summary>
internal sealed class Kubectl
{
    private readonly string _program;
    private readonly string _kubeconfig;

    private Kubectl(string program, string kubeconfig) => (_program, _kubeconfig) = (program, kubeconfig);

    public sealed record Run(TimeSpan Wall, TimeSpan Cpu, int ExitCode);

    /// <summary>Null where it is missing.</summary>
    public static Kubectl? Find(string kubeconfig) => Tools.Find("kubectl") is { } program ? new Kubectl(program, kubeconfig) : null;

    public async Task<string> VersionAsync()
    {
        var (output, _, _) = await ExecuteAsync($"{Quoted(_program)} version --client");
        return output.Split('\n')[0].Replace("Client Version: ", "", StringComparison.Ordinal).Trim();
    }

    public Task<Run> ApplyAsync(string space, string path) => RunAsync($"apply --server-side --force-conflicts --field-manager=peer -n {space} -f {Quoted(path)}", 0);

    /// <param name="expected">0: equal, 1: different.</param>
    public Task<Run> DiffAsync(string space, string path, int expected) =>
        RunAsync($"diff --server-side --force-conflicts --field-manager=peer -n {space} -f {Quoted(path)}", expected);

    private async Task<Run> RunAsync(string arguments, int expected)
    {
        // The shell measures what the kernel says of all children, also of a dispatcher's.
        var script = $"TIMEFORMAT='%U %S'; time {Quoted(_program)} --kubeconfig={Quoted(_kubeconfig)} {arguments} >/dev/null";
        var began = Stopwatch.GetTimestamp();
        var (_, errors, exit) = await ExecuteAsync(script);
        var wall = Stopwatch.GetElapsedTime(began);
        if (exit != expected) throw new InvalidOperationException($"kubectl {arguments}: {exit} {errors}");
        var times = errors.TrimEnd().Split('\n')[^1].Split(' ');
        return new Run(wall, TimeSpan.FromSeconds(times.Sum(time => double.Parse(time, CultureInfo.InvariantCulture))), exit);
    }

    private static async Task<(string Output, string Errors, int ExitCode)> ExecuteAsync(string script)
    {
        var start = new ProcessStartInfo("bash", ["-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (await output, errors, process.ExitCode);
    }

    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
