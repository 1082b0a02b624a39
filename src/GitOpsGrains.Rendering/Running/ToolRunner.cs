using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using GitOpsGrains.Adapters.Processes;
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
    private const string Limiter = "/usr/bin/prlimit";
    private const string Isolator = "/usr/bin/unshare";
    private const long MaxFileBytes = 1024L * 1024 * 1024;

    private readonly SemaphoreSlim _room = new(options.Value.Parallelism);
    private readonly Lazy<bool> _canIsolate = new(CanIsolate);

    /// <summary>Errors: <see cref="ToolException"/> when it can't be started or was killed.</summary>
    public async Task<ToolResult> RunAsync(ToolRun run, CancellationToken cancellationToken)
    {
        await TakeRoomAsync(cancellationToken);
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

    private async Task TakeRoomAsync(CancellationToken cancellationToken)
    {
        RenderingInstruments.Waits(1);
        try
        {
            await _room.WaitAsync(cancellationToken);
        }
        finally
        {
            RenderingInstruments.Waits(-1);
        }
    }

    private async Task<ToolResult> RunNowAsync(ToolRun run, CancellationToken cancellationToken)
    {
        var limits = options.Value;
        var order = new ProcessOrder(Path.GetFullPath(run.Program), run.Arguments, run.Folder, run.Environment) { Wrappers = [.. Wrappers(run.Network)] };
        try
        {
            var result = await BoundedRun.RunAsync(order, new RunLimits(limits.ToolTimeout, limits.ToolOutputBytes, MaxErrors), default, time, cancellationToken);
            return result.End switch
            {
                RunEnd.TooMuchOutput => throw new ToolException($"{run.Tool} was killed: it printed more than {limits.ToolOutputBytes} bytes"),
                RunEnd.TimedOut => throw new ToolException($"{run.Tool} was killed: it had not ended after {limits.ToolTimeout.TotalSeconds:0.#} s"),
                _ => new ToolResult(result.ExitCode, result.Output, result.Errors),
            };
        }
        catch (Win32Exception exception)
        {
            throw new ToolException($"{run.Tool} can't be started: {exception.Message}", exception);
        }
    }

    /// <summary>The programs that set limits and then become the tool, outermost first; each is left out where it is not installed.</summary>
    private IEnumerable<string[]> Wrappers(bool network)
    {
        if (File.Exists(Limiter))
        {
            // CPU time ends it also when this process can't any more.
            var seconds = (long)options.Value.ToolTimeout.TotalSeconds * Environment.ProcessorCount + 1;
            yield return
            [
                Limiter, Invariant($"--as={options.Value.ToolAddressSpace}"), Invariant($"--fsize={MaxFileBytes}"), Invariant($"--cpu={seconds}"),
                "--core=0", "--nofile=1024", "--",
            ];
        }
        if (!network && _canIsolate.Value) yield return [Isolator, "--map-root-user", "--net", "--"];
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

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
