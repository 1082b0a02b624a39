using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace GitOpsGrains.Git.Transport;

/// <summary>
/// One run of the ssh program in a process group of its own, with its key in a private folder. Ends with the whole group and
/// the folder when it is disposed, whatever state it is in.
/// </summary>
internal sealed class SshSession : IAsyncDisposable
{
    private const int MaxErrors = 16 * 1024;
    private const int SignalKill = 9;

    private readonly Process _process;
    private readonly string _folder;
    private readonly bool _hasGroup;
    private readonly Action _release;
    private readonly Task<string> _errors;

    public SshSession(Process process, string folder, bool hasGroup, Action release)
    {
        (_process, _folder, _hasGroup, _release) = (process, folder, hasGroup, release);
        _errors = ReadErrorsAsync(process.StandardError.BaseStream);
    }

    public Stream Input => _process.StandardInput.BaseStream;

    public Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>Waits for the end of a program that has closed its output; what it complained of.</summary>
    public async Task<(int ExitCode, string Errors)> EndAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return (_process.ExitCode, await _errors.WaitAsync(cancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
            await _errors;
            _process.Dispose();
        }
        finally
        {
            if (Directory.Exists(_folder)) Directory.Delete(_folder, true);
            _release();
        }
    }

    private void Kill()
    {
        // setsid made the program the leader of its group, so that the group has the program's number.
        if (_hasGroup && SendSignal(-_process.Id, SignalKill) == 0) return;
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
    }

    /// <summary>All is read, so that the program never waits; only the beginning is kept.</summary>
    private static async Task<string> ReadErrorsAsync(Stream stream)
    {
        using var kept = new MemoryStream();
        var buffer = new byte[4096];
        try
        {
            while (await stream.ReadAsync(buffer) is var read and > 0) kept.Write(buffer, 0, (int)Math.Min(read, MaxErrors - kept.Length));
        }
        catch (IOException)
        {
            // The pipe broke with its process: what came before is all there is.
        }
        return Encoding.UTF8.GetString(kept.ToArray());
    }

    [DllImport("libc", EntryPoint = "kill"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int process, int signal);
}
