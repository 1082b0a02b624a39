using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace GitOpsGrains.Testing.Kubernetes;

/// <summary>A child process that can't outlive the test process, even if that is killed; keeps its last lines of output.</summary>
public sealed class OwnedProcess : IDisposable
{
    private const int SignalStop = 19;
    private const int SignalContinue = 18;
    private const int SignalTerminate = 15;
    private const int SignalInterrupt = 2;
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(5);

    // The kernel's death signal follows the thread that forked, not the process: all children come from one thread that never ends.
    private static readonly BlockingCollection<Action> Starts = [];
    private static readonly ConcurrentDictionary<int, Process> Running = new();

    private readonly Process _process;
    private readonly ConcurrentQueue<(bool IsError, string Text)> _lines;

    static OwnedProcess()
    {
        new Thread(() =>
        {
            foreach (var start in Starts.GetConsumingEnumerable()) start();
        })
        { IsBackground = true, Name = "owned processes" }.Start();
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            foreach (var process in Running.Values) KillQuietly(process);
        };
    }

    private OwnedProcess(Process process, ConcurrentQueue<(bool IsError, string Text)> lines) => (_process, _lines) = (process, lines);

    public bool HasExited => _process.HasExited;

    /// <summary>What it holds of the machine's memory now.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>The last lines of its output and errors.</summary>
    public string Output => string.Join('\n', _lines.Select(line => line.Text));

    /// <summary>The last lines of its output alone.</summary>
    public string StandardOutput => string.Join('\n', _lines.Where(line => !line.IsError).Select(line => line.Text));

    /// <summary>The last lines of its errors alone.</summary>
    public string StandardError => string.Join('\n', _lines.Where(line => line.IsError).Select(line => line.Text));

    public static Task<OwnedProcess> StartAsync(string program, params IEnumerable<string> arguments) =>
        StartAsync(new OwnedProcessOptions(), program, arguments);

    public static async Task<OwnedProcess> StartAsync(OwnedProcessOptions options, string program, params IEnumerable<string> arguments)
    {
        var info = new ProcessStartInfo(Tools.Require("setpriv"), ["--pdeathsig", "KILL", "--", program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = options.WorkingDirectory,
        };
        foreach (var (name, value) in options.Environment) info.Environment[name] = value;
        var started = new TaskCompletionSource<OwnedProcess>(TaskCreationOptions.RunContinuationsAsynchronously);
        Starts.Add(() =>
        {
            try
            {
                started.SetResult(Start(info, options.KeptLines));
            }
            catch (Exception exception)
            {
                started.SetException(exception);
            }
        });
        return await started.Task;
    }

    /// <summary>Returns when every thread has stopped: one that is in a system call does so a moment after the signal.</summary>
    public void Pause()
    {
        Signal(SignalStop);
        var began = Stopwatch.GetTimestamp();
        while (!IsStopped())
        {
            if (Stopwatch.GetElapsedTime(began) > StopDeadline) throw new InvalidOperationException($"process {_process.Id} does not stop");
            Thread.Yield();
        }
    }

    public void Resume() => Signal(SignalContinue);

    /// <summary>Asks it to end, as a service manager does.</summary>
    public void Terminate() => Signal(SignalTerminate);

    /// <summary>What Ctrl+C sends. A process that was started where that is ignored ignores it too: start such a one through <c>env --default-signal=INT</c>.</summary>
    public void Interrupt() => Signal(SignalInterrupt);

    /// <summary>Waits for its end, with all of its output, and returns its exit code.</summary>
    public async Task<int> WaitForExitAsync(CancellationToken cancellationToken = default)
    {
        await _process.WaitForExitAsync(cancellationToken);
        Running.TryRemove(_process.Id, out _);
        return _process.ExitCode;
    }

    /// <summary>Ends it as a power cut would.</summary>
    public async Task KillAsync()
    {
        if (!Running.TryRemove(_process.Id, out _)) return;
        KillQuietly(_process);
        await _process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (Running.TryRemove(_process.Id, out _)) KillQuietly(_process);
        _process.Dispose();
    }

    private static OwnedProcess Start(ProcessStartInfo info, int keptLines)
    {
        var lines = new ConcurrentQueue<(bool IsError, string Text)>();
        void Keep(string? text, bool isError)
        {
            if (text is null) return;
            lines.Enqueue((isError, text));
            while (lines.Count > keptLines) lines.TryDequeue(out _);
        }

        var process = new Process { StartInfo = info };
        process.OutputDataReceived += (_, line) => Keep(line.Data, isError: false);
        process.ErrorDataReceived += (_, line) => Keep(line.Data, isError: true);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Running[process.Id] = process;
        return new OwnedProcess(process, lines);
    }

    private static void KillQuietly(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself: nothing is left to kill.
        }
    }

    private bool IsStopped() => Directory.EnumerateDirectories($"/proc/{_process.Id}/task").All(IsThreadStopped);

    /// <summary>The state is the first field behind the name, which may contain anything: proc(5). A thread that has ended counts as stopped.</summary>
    private static bool IsThreadStopped(string folder)
    {
        try
        {
            var stat = File.ReadAllText(Path.Combine(folder, "stat"));
            return stat[(stat.LastIndexOf(')') + 2)..].StartsWith('T');
        }
        catch (IOException)
        {
            return !Directory.Exists(folder);
        }
    }

    private void Signal(int signal)
    {
        if (SendSignal(_process.Id, signal) != 0)
            throw new InvalidOperationException($"signal {signal} to process {_process.Id} failed");
    }

    [DllImport("libc", EntryPoint = "kill"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int process, int signal);
}
