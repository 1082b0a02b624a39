using System.Diagnostics;

namespace GitOpsGrains.Testing.Git;

/// <summary>Runs the git binary with nothing of this machine's configuration.</summary>
public static class GitProcess
{
    /// <summary>Returns what git printed. Errors: <see cref="InvalidOperationException"/> with what it complained of.</summary>
    public static async Task<string> RunAsync(string directory, IReadOnlyList<string> arguments, int moment = 0)
    {
        var start = new ProcessStartInfo("git")
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        Clean(start.Environment, directory);
        // Fixed authors and times: the same test makes the same commit ids.
        var date = $"{1_700_000_000 + moment} +0000";
        foreach (var role in new[] { "AUTHOR", "COMMITTER" })
        {
            start.Environment[$"GIT_{role}_NAME"] = "Ada Example";
            start.Environment[$"GIT_{role}_EMAIL"] = "ada@example.com";
            start.Environment[$"GIT_{role}_DATE"] = date;
        }
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var complaint = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? (await output).TrimEnd('\n')
            : throw new InvalidOperationException($"git {string.Join(' ', arguments)}: {complaint}");
    }

    internal static void Clean(IDictionary<string, string?> environment, string home)
    {
        var path = environment["PATH"];
        environment.Clear();
        environment["PATH"] = path;
        environment["HOME"] = home;
        environment["LC_ALL"] = "C";
        environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
        environment["GIT_CONFIG_NOSYSTEM"] = "1";
        environment["GIT_TERMINAL_PROMPT"] = "0";
    }
}
