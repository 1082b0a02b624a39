using System.ComponentModel;
using System.Text;
using GitOpsGrains.Adapters.Processes;

namespace GitOpsGrains.Demo.Repository;

/// <summary>The git program, with nothing of its user's configuration unless that is asked for.</summary>
internal sealed class Git(TimeProvider time)
{
    private const string NotInstalled = "git is not on the PATH: the demo makes its repository with it";
    private static readonly RunLimits Limits = new(TimeSpan.FromSeconds(30), 1 << 20, 4096);
    private static readonly string[] Inherited = ["PATH", "SYSTEMROOT", "TEMP", "TMP"];
    private static readonly string[] OfUser = ["HOME", "XDG_CONFIG_HOME", "USERPROFILE"];

    /// <summary>Returns what it printed. Errors: <see cref="DemoException"/>.</summary>
    public async Task<string> RunAsync(string folder, IReadOnlyList<string> arguments, ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        var (code, output, errors) = await TryAsync(folder, arguments, input, asUser: false, cancellationToken);
        return code == 0 ? output : throw new DemoException($"git {string.Join(' ', arguments)} failed: {errors.Trim()}");
    }

    public Task<string> RunAsync(string folder, CancellationToken cancellationToken, params string[] arguments) =>
        RunAsync(folder, arguments, default, cancellationToken);

    /// <summary>Null where it ends with another code than 0.</summary>
    public async Task<string?> AskAsync(string folder, bool asUser, CancellationToken cancellationToken, params string[] arguments) =>
        await TryAsync(folder, arguments, default, asUser, cancellationToken) is { Code: 0, Output: var output } ? output.Trim() : null;

    private async Task<(int Code, string Output, string Errors)> TryAsync(
        string folder, IReadOnlyList<string> arguments, ReadOnlyMemory<byte> input, bool asUser, CancellationToken cancellationToken)
    {
        var program = Programs.Find("git") ?? Programs.Find("git.exe") ?? throw new DemoException(NotInstalled);
        try
        {
            var result = await BoundedRun.RunAsync(new ProcessOrder(program, arguments, folder, EnvironmentOf(folder, asUser)), Limits, input, time, cancellationToken);
            return result.End == RunEnd.Exited
                ? (result.ExitCode, Encoding.UTF8.GetString(result.Output), result.Errors)
                : throw new DemoException($"git {string.Join(' ', arguments)} was killed: it had not ended after {Limits.Time.TotalSeconds:0} s");
        }
        catch (Win32Exception failure)
        {
            throw new DemoException($"git can't be started: {failure.Message}", failure);
        }
    }

    private static Dictionary<string, string> EnvironmentOf(string folder, bool asUser)
    {
        var environment = new Dictionary<string, string> { ["LC_ALL"] = "C", ["GIT_TERMINAL_PROMPT"] = "0" };
        foreach (var name in asUser ? Inherited.Concat(OfUser) : Inherited)
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value) environment[name] = value;
        if (asUser) return environment;
        environment["HOME"] = folder;
        environment["GIT_CONFIG_NOSYSTEM"] = "1";
        return environment;
    }
}
