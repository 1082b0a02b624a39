using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using GitOpsGrains.Rendering.Hosting;
using Microsoft.Extensions.Options;

namespace GitOpsGrains.Rendering.Running;

/// <summary>
/// Runs tools with a list of arguments and exactly the given environment: in a session of their own that is killed as a
/// whole, within limits on time, output, memory and files, without network unless asked for, only so many at once.
/// </summary>
internal sealed class ToolRunner(IOptions<RenderingOptions> options, TimeProvider time) : IDisposable
{
    private const int MaxErrors = 64 * 1024;
    private const int SignalKill = 9;
    private const string GroupStarter = "/usr/bin/setsid";
    private const string Limiter = "/usr/bin/prlimit";
    private const string Isolator = "/usr/bin/unshare";
    private const long MaxFileBytes = 1024L * 1024 * 1024;

    private readonly SemaphoreSlim _room = new(options.Value.Parallelism);
    private readonly Lazy<bool> _canIsolate = new(CanIsolate);

    /// <summary>Errors: <see cref="ToolException"/> when it can't be started or was killed.</summary>
    public async Task<ToolResult> RunAsync(ToolRun run, CancellationToken cancellationToken)
    {
        await _room.WaitAsync(cancellationToken);
        try
        {
            return await RunNowAsync(run, cancellationToken);
        }
        finally
        {
            _room.Release();
        }
    }

    public void Dispose() => _room.Dispose();

    private async Task<ToolResult> RunNowAsync(ToolRun run, CancellationToken cancellationToken)
    {
        var limits = options.Value;
        using var process = Start(run);
        using var deadline = new CancellationTokenSource(limits.ToolTimeout, time);
        using var tooMuch = new CancellationTokenSource();
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token, tooMuch.Token);
        try
        {
            process.StandardInput.Close();
            var output = ReadAsync(process.StandardOutput.BaseStream, limits.ToolOutputBytes, tooMuch, linked.Token);
            var errors = ReadAsync(process.StandardError.BaseStream, MaxErrors, null, linked.Token);
            await Task.WhenAll(output, errors);
            await process.WaitForExitAsync(linked.Token);
            return new ToolResult(process.ExitCode, await output, Encoding.UTF8.GetString(await errors));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ToolException(tooMuch.IsCancellationRequested
                ? $"{run.Tool} was killed: it printed more than {limits.ToolOutputBytes} bytes"
                : $"{run.Tool} was killed: it had not ended after {limits.ToolTimeout.TotalSeconds:0.#} s");
        }
        finally
        {
            Kill(process);
        }
    }

    private Process Start(ToolRun run)
    {
        var info = new ProcessStartInfo { FileName = Path.IsPathRooted(run.Program) ? run.Program : Path.GetFullPath(run.Program) };
        foreach (var (program, arguments) in Wrappers(run.Network).Reverse()) Wrap(info, program, arguments);
        foreach (var argument in run.Arguments) info.ArgumentList.Add(argument);
        info.WorkingDirectory = run.Folder;
        info.RedirectStandardInput = info.RedirectStandardOutput = info.RedirectStandardError = true;
        info.Environment.Clear();
        foreach (var (name, value) in run.Environment) info.Environment[name] = value;
        try
        {
            return Process.Start(info)!;
        }
        catch (Win32Exception exception)
        {
            throw new ToolException($"{run.Tool} can't be started: {exception.Message}", exception);
        }
    }

    /// <summary>The programs that set limits and then become the tool, outermost first; each is left out where it is not installed.</summary>
    private IEnumerable<(string Program, string[] Arguments)> Wrappers(bool network)
    {
        if (HasGroup) yield return (GroupStarter, ["--"]);
        if (File.Exists(Limiter))
        {
            // CPU time ends it also when this process can't any more.
            var seconds = (long)options.Value.ToolTimeout.TotalSeconds * Environment.ProcessorCount + 1;
            yield return (Limiter,
            [
                Invariant($"--as={options.Value.ToolAddressSpace}"), Invariant($"--fsize={MaxFileBytes}"), Invariant($"--cpu={seconds}"),
                "--core=0", "--nofile=1024", "--",
            ]);
        }
        if (!network && _canIsolate.Value) yield return (Isolator, ["--map-root-user", "--net", "--"]);
    }

    private static bool HasGroup { get; } = File.Exists(GroupStarter);

    private static void Wrap(ProcessStartInfo info, string program, string[] arguments)
    {
        string[] inner = [info.FileName, .. info.ArgumentList];
        info.ArgumentList.Clear();
        info.FileName = program;
        foreach (var argument in arguments.Concat(inner)) info.ArgumentList.Add(argument);
    }

    /// <summary>Whether this machine lets a process have a network of its own; containers often do not.</summary>
    private static bool CanIsolate()
    {
        if (!File.Exists(Isolator)) return false;
        using var probe = Process.Start(new ProcessStartInfo(Isolator, ["--map-root-user", "--net", "--", "/bin/true"]) { RedirectStandardError = true })!;
        probe.StandardError.ReadToEnd();
        probe.WaitForExit();
        return probe.ExitCode == 0;
    }

    /// <summary>Reads to the end and keeps no more than the limit; what is over it is told, or dropped.</summary>
    private static async Task<byte[]> ReadAsync(Stream stream, int limit, CancellationTokenSource? tooMuch, CancellationToken cancellationToken)
    {
        using var kept = new MemoryStream();
        var buffer = new byte[32 * 1024];
        while (await stream.ReadAsync(buffer, cancellationToken) is var read and > 0)
        {
            kept.Write(buffer, 0, (int)Math.Min(read, limit - kept.Length));
            if (tooMuch is null || kept.Length < limit) continue;
            await tooMuch.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
        return kept.ToArray();
    }

    private static void Kill(Process process)
    {
        // setsid made the tool the leader of its group, so that the group has the tool's number.
        if (HasGroup) _ = SendSignal(-process.Id, SignalKill);
        if (!process.HasExited) process.Kill(entireProcessTree: true);
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    [DllImport("libc", EntryPoint = "kill"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int process, int signal);
}
