using System.Text;
using GitOpsGrains.Adapters.Processes;

namespace GitOpsGrains.Git.Transport;

/// <summary>
/// One run of the ssh program in a process group of its own, with its key in a private folder. Ends with the whole group and
/// the folder when it is disposed, whatever state it is in.
/// </summary>
internal sealed class SshSession : IAsyncDisposable
{
    private const int MaxErrors = 16 * 1024;

    private readonly ProcessGroup _process;
    private readonly string _folder;
    private readonly Action _release;
    private readonly Task<string> _errors;

    public SshSession(ProcessGroup process, string folder, Action release)
    {
        (_process, _folder, _release) = (process, folder, release);
        _errors = ReadErrorsAsync(process.Errors);
    }

    public Stream Input => _process.Input;

    public Stream Output => _process.Output;

    /// <summary>Waits for the end of a program that has closed its output; what it complained of.</summary>
    public async Task<(int ExitCode, string Errors)> EndAsync(CancellationToken cancellationToken)
    {
        var exitCode = await _process.WaitAsync(cancellationToken);
        return (exitCode, await _errors.WaitAsync(cancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.Kill();
            await _process.WaitAsync(CancellationToken.None);
            await _errors;
            _process.Dispose();
        }
        finally
        {
            if (Directory.Exists(_folder)) Directory.Delete(_folder, true);
            _release();
        }
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
}
