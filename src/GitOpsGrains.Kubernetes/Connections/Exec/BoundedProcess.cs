using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using GitOpsGrains.Kubernetes.Connections.Credentials;

namespace GitOpsGrains.Kubernetes.Connections.Exec;

/// <summary>What a program printed before it ended by itself.</summary>
internal sealed record ProcessResult(int ExitCode, byte[] Output, string Errors);

/// <summary>
/// Runs a program with a list of arguments and exactly the given environment, in a process group of its own; the whole
/// group is killed at the time limit, at too much output, at cancellation, and when the program has ended.
/// </summary>
internal static class BoundedProcess
{
    private const int MaxOutput = 1024 * 1024;
    private const int MaxErrors = 4096;
    private const int SignalKill = 9;
    private const string GroupStarter = "/usr/bin/setsid";

    public static async Task<ProcessResult> RunAsync(ExecPlugin plugin, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        var hasGroup = File.Exists(GroupStarter);
        using var process = Start(plugin, hasGroup);
        using var deadline = new CancellationTokenSource(limit, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            process.StandardInput.Close();
            var output = ReadAsync(process.StandardOutput.BaseStream, MaxOutput, linked.Token);
            var errors = ReadAsync(process.StandardError.BaseStream, MaxErrors, linked.Token);
            await Task.WhenAll(output, errors);
            await process.WaitForExitAsync(linked.Token);
            if ((await output).Length > MaxOutput) throw new CredentialException($"the exec plugin {plugin.Program} printed more than {MaxOutput} bytes");
            return new ProcessResult(process.ExitCode, await output, System.Text.Encoding.UTF8.GetString(await errors));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CredentialException($"the exec plugin {plugin.Program} was killed: it had not ended after {limit.TotalSeconds:0.#} s");
        }
        finally
        {
            Kill(process, hasGroup);
        }
    }

    private static Process Start(ExecPlugin plugin, bool hasGroup)
    {
        var info = hasGroup
            ? new ProcessStartInfo(GroupStarter, ["--", plugin.Program, .. plugin.Arguments])
            : new ProcessStartInfo(plugin.Program, plugin.Arguments);
        info.WorkingDirectory = plugin.Folder;
        info.RedirectStandardInput = info.RedirectStandardOutput = info.RedirectStandardError = true;
        info.Environment.Clear();
        foreach (var (name, value) in plugin.Environment) info.Environment[name] = value;
        try
        {
            return Process.Start(info)!;
        }
        catch (Win32Exception exception)
        {
            throw new CredentialException($"the exec plugin {plugin.Program} can't be started: {exception.Message}", exception);
        }
    }

    /// <summary>Reads to the end, but keeps only one byte more than the limit.</summary>
    private static async Task<byte[]> ReadAsync(Stream stream, int limit, CancellationToken cancellationToken)
    {
        using var kept = new MemoryStream();
        var buffer = new byte[4096];
        while (await stream.ReadAsync(buffer, cancellationToken) is var read and > 0)
            kept.Write(buffer, 0, (int)Math.Min(read, limit + 1 - kept.Length));
        return kept.ToArray();
    }

    private static void Kill(Process process, bool hasGroup)
    {
        // setsid made the program the leader of its group, so that the group has the program's number.
        if (hasGroup)
        {
            _ = SendSignal(-process.Id, SignalKill);
            return;
        }

        if (!process.HasExited) process.Kill(entireProcessTree: true);
    }

    [DllImport("libc", EntryPoint = "kill"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int process, int signal);
}
