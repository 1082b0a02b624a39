using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Testing.Processes;

/// <summary>The built <c>gitopsctl</c> as a process, logged in to a silo by environment variables and with nothing of the user's home.</summary>
public sealed class Ctl(SiloProcess silo)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    /// <summary>Runs it to its end. Errors: <see cref="OperationCanceledException"/> after 90 s.</summary>
    public async Task<CommandResult> RunAsync(params string[] arguments)
    {
        var options = new OwnedProcessOptions
        {
            Environment = new Dictionary<string, string?>
            {
                ["GITOPSGRAINS_SERVER"] = silo.Url.OriginalString,
                ["GITOPSGRAINS_TOKEN"] = silo.Token,
                ["HOME"] = silo.DataDirectory,
                ["XDG_CONFIG_HOME"] = silo.DataDirectory,
            },
            WorkingDirectory = silo.DataDirectory,
            KeptLines = int.MaxValue,
        };
        using var process = await OwnedProcess.StartAsync(options, Tools.Require("dotnet"), [Built.Assembly("GitOpsGrains.Cli", "gitopsctl"), .. arguments]);
        using var late = new CancellationTokenSource(Deadline);
        var code = await process.WaitForExitAsync(late.Token);
        return new CommandResult(code, process.StandardOutput, process.StandardError);
    }

    /// <summary>Runs it and returns its output. Errors: <see cref="InvalidOperationException"/> unless the exit code is 0.</summary>
    public async Task<string> SucceedAsync(params string[] arguments)
    {
        var result = await RunAsync(arguments);
        return result.ExitCode == 0 ? result.Output : throw new InvalidOperationException($"gitopsctl {string.Join(' ', arguments)}: {result}");
    }

    /// <summary>Applies documents through a file.</summary>
    public async Task<string> ApplyAsync(string documents)
    {
        var file = Path.Combine(silo.DataDirectory, $"documents-{Guid.NewGuid():N}.yaml");
        await File.WriteAllTextAsync(file, documents);
        return await SucceedAsync("apply", "-f", file);
    }
}
