using System.Diagnostics;
using System.Runtime.InteropServices;

namespace GitOpsGrains.Adapters.Processes;

/// <summary>A running program with all that it starts: one process group, killed as a whole when this is disposed, also after its end.</summary>
public sealed class ProcessGroup : IDisposable
{
    private const int SignalKill = 9;
    private const string GroupStarter = "/usr/bin/setsid";

    private static readonly bool HasGroups = File.Exists(GroupStarter);

    private readonly Process _process;

    private ProcessGroup(Process process) => _process = process;

    public Stream Input => _process.StandardInput.BaseStream;

    public Stream Output => _process.StandardOutput.BaseStream;

    public Stream Errors => _process.StandardError.BaseStream;

    /// <summary>Errors: <see cref="System.ComponentModel.Win32Exception"/> when it can't be started.</summary>
    public static ProcessGroup Start(ProcessOrder order)
    {
        string[] words = [.. order.Wrappers.SelectMany(wrapper => wrapper), order.Program, .. order.Arguments];
        if (HasGroups) words = [GroupStarter, "--", .. words];
        var info = new ProcessStartInfo(words[0], words[1..])
        {
            WorkingDirectory = order.Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        info.Environment.Clear();
        foreach (var (name, value) in order.Environment) info.Environment[name] = value;
        return new ProcessGroup(Process.Start(info)!);
    }

    /// <summary>Its exit code, when it has ended.</summary>
    public async Task<int> WaitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    public void Kill()
    {
        // setsid made the program the leader of its group, so that the group has the program's number.
        if (HasGroups) _ = SendSignal(-_process.Id, SignalKill);
        // Not yet a leader, or no groups here.
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int process, int signal);
}
