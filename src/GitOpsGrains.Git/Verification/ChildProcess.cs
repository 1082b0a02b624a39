using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using GitOpsGrains.Abstractions.Ports.Git;

namespace GitOpsGrains.Git.Verification;

/// <summary>A program with its arguments; found on the PATH of this process, run with nothing of this process's environment.</summary>
internal sealed record ChildOrder(string Program, IReadOnlyList<string> Arguments, string Folder, int MaxOutput)
{
    public Dictionary<string, string> Environment { get; } = new() { ["PATH"] = "/usr/local/bin:/usr/bin:/bin", ["LC_ALL"] = "C" };
}

/// <summary>What a program printed before it ended by itself. Errors are cut at 4 KB.</summary>
internal sealed record ChildResult(int ExitCode, byte[] Output, string Errors);

/// <summary>
/// Runs programs, at most four at a time, each in a process group of its own; the whole group is killed at the time limit,
/// at cancellation and when the program has ended. Errors: <see cref="GitException"/>.
/// </summary>
internal sealed class ChildProcess(TimeProvider time) : IDisposable
{
    private const int MaxErrors = 4096;
    private const int SignalKill = 9;
    private const string GroupStarter = "/usr/bin/setsid";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly SemaphoreSlim _places = new(4);

    public async Task<ChildResult> RunAsync(ChildOrder order, ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken);
        try
        {
            return await RunOneAsync(order, input, cancellationToken);
        }
        finally
        {
            _places.Release();
        }
    }

    public void Dispose() => _places.Dispose();

    private async Task<ChildResult> RunOneAsync(ChildOrder order, ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        var hasGroup = File.Exists(GroupStarter);
        using var process = Start(order, hasGroup);
        using var deadline = new CancellationTokenSource(Limit, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            var writing = WriteAsync(process, input, linked.Token);
            var output = ReadAsync(process.StandardOutput.BaseStream, order.MaxOutput, linked.Token);
            var errors = ReadAsync(process.StandardError.BaseStream, MaxErrors, linked.Token);
            await Task.WhenAll(writing, output, errors);
            await process.WaitForExitAsync(linked.Token);
            return new ChildResult(process.ExitCode, await output, System.Text.Encoding.UTF8.GetString(await errors));
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new GitException(GitErrorKind.TimedOut, $"{order.Program} was killed: it had not ended after {Limit.TotalSeconds:0} s", late);
        }
        finally
        {
            Kill(process, hasGroup);
        }
    }

    private static Process Start(ChildOrder order, bool hasGroup)
    {
        var program = Find(order.Program) ?? throw new GitException(GitErrorKind.NotAllowed, $"{order.Program} is not installed on the server");
        var info = hasGroup ? new ProcessStartInfo(GroupStarter, ["--", program, .. order.Arguments]) : new ProcessStartInfo(program, order.Arguments);
        info.WorkingDirectory = order.Folder;
        info.RedirectStandardInput = info.RedirectStandardOutput = info.RedirectStandardError = true;
        info.Environment.Clear();
        foreach (var (name, value) in order.Environment) info.Environment[name] = value;
        info.Environment["HOME"] = order.Folder;
        try
        {
            return Process.Start(info)!;
        }
        catch (Win32Exception failure)
        {
            throw new GitException(GitErrorKind.NotAllowed, $"{order.Program} can't be started: {failure.Message}", failure);
        }
    }

    private static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static async Task WriteAsync(Process process, ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input, cancellationToken);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it had read everything: its exit code and its errors say why.
        }
    }

    /// <summary>Reads to the end, but keeps only the limit.</summary>
    private static async Task<byte[]> ReadAsync(Stream stream, int limit, CancellationToken cancellationToken)
    {
        using var kept = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (await stream.ReadAsync(buffer, cancellationToken) is var read and > 0)
            kept.Write(buffer, 0, (int)Math.Min(read, limit - kept.Length));
        return kept.ToArray();
    }

    private static void Kill(Process process, bool hasGroup)
    {
        // setsid made the program the leader of its group, so that the group has the program's number.
        if (hasGroup) _ = SendSignal(-process.Id, SignalKill);
        else if (!process.HasExited) process.Kill(entireProcessTree: true);
    }

    [DllImport("libc", EntryPoint = "kill"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int process, int signal);
}
