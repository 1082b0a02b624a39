using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace GitOpsGrains.Testing.Kubernetes;

/// <summary>A child process that can't outlive the test process, even if that is killed; keeps its last lines of output.</summary>
public sealed class OwnedProcess : IDisposable
{
    private const int KeptLines = 60;
    private const int SignalStop = 19;
    private const int SignalContinue = 18;

    // The kernel's death signal follows the thread that forked, not the process: all children come from one thread that never ends.
    private static readonly BlockingCollection<Action> Starts = [];
    private static readonly ConcurrentDictionary<int, Process> Running = new();

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output;

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

    private OwnedProcess(Process process, ConcurrentQueue<string> output) => (_process, _output) = (process, output);

    public bool HasExited => _process.HasExited;

    /// <summary>The last lines of its output and errors.</summary>
    public string Output => string.Join('\n', _output);

    public static async Task<OwnedProcess> StartAsync(string program, params IEnumerable<string> arguments)
    {
        var info = new ProcessStartInfo(Tools.Require("setpriv"), ["--pdeathsig", "KILL", "--", program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var started = new TaskCompletionSource<OwnedProcess>(TaskCreationOptions.RunContinuationsAsynchronously);
        Starts.Add(() =>
        {
            try
            {
                started.SetResult(Start(info));
            }
            catch (Exception exception)
            {
                started.SetException(exception);
            }
        });
        return await started.Task;
    }

    public void Pause() => Signal(SignalStop);

    public void Resume() => Signal(SignalContinue);

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

    private static OwnedProcess Start(ProcessStartInfo info)
    {
        var output = new ConcurrentQueue<string>();
        void Keep(object sender, DataReceivedEventArgs line)
        {
            if (line.Data is null) return;
            output.Enqueue(line.Data);
            while (output.Count > KeptLines) output.TryDequeue(out _);
        }

        var process = new Process { StartInfo = info };
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Running[process.Id] = process;
        return new OwnedProcess(process, output);
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

    private void Signal(int signal)
    {
        if (SendSignal(_process.Id, signal) != 0)
            throw new InvalidOperationException($"signal {signal} to process {_process.Id} failed");
    }

    [DllImport("libc", EntryPoint = "kill"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int process, int signal);
}
