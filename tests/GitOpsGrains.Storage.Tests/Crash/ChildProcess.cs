using System.Diagnostics;

namespace GitOpsGrains.Storage.Tests.Crash;

/// <summary>A process of the crash child, and what it printed.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private readonly Process _process;

    private ChildProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public static ChildProcess Start(string directory, string mode = "write")
    {
        var program = Path.Combine(AppContext.BaseDirectory, "GitOpsGrains.Storage.CrashChild.dll");
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet")
        {
            RedirectStandardOutput = true, RedirectStandardInput = true,
        };
        foreach (var argument in new[] { program, directory, mode }) start.ArgumentList.Add(argument);
        return new ChildProcess(Process.Start(start)!);
    }

    public async Task<string?> ReadLineAsync() =>
        await _process.StandardOutput.ReadLineAsync().WaitAsync(Deadline);

    public void Kill() => _process.Kill();

    /// <summary>All whole lines printed up to the end; a torn last line is left out.</summary>
    public async Task<List<string>> ReadToEndAsync()
    {
        var text = await _process.StandardOutput.ReadToEndAsync().WaitAsync(Deadline);
        await _process.WaitForExitAsync().WaitAsync(Deadline);
        return [.. text.Split('\n')[..^1]];
    }

    public async Task<int> EndAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().WaitAsync(Deadline);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync().WaitAsync(Deadline);
        }

        _process.Dispose();
    }
}
