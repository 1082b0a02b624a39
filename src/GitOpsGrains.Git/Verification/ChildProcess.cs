using System.ComponentModel;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Adapters.Processes;

namespace GitOpsGrains.Git.Verification;

/// <summary>A program with its arguments; found on the PATH of this process, run with nothing of this process's environment.</summary>
internal sealed record ChildOrder(string Program, IReadOnlyList<string> Arguments, string Folder, int MaxOutput)
{
    public Dictionary<string, string> Environment { get; } = new() { ["PATH"] = "/usr/local/bin:/usr/bin:/bin", ["LC_ALL"] = "C" };
}

/// <summary>What a program printed before it ended by itself. Errors are cut at 4 KB.</summary>
internal sealed record ChildResult(int ExitCode, byte[] Output, string Errors);

/// <summary>
/// Runs programs, at most four at a time, each within 20 s and with nothing left of it afterwards. Errors: <see cref="GitException"/>.
/// </summary>
internal sealed class ChildProcess(TimeProvider time) : IDisposable
{
    private const int MaxErrors = 4096;
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
        var program = Programs.Find(order.Program) ?? throw new GitException(GitErrorKind.NotAllowed, $"{order.Program} is not installed on the server");
        order.Environment["HOME"] = order.Folder;
        try
        {
            var run = new ProcessOrder(program, order.Arguments, order.Folder, order.Environment);
            var result = await BoundedRun.RunAsync(run, new RunLimits(Limit, order.MaxOutput, MaxErrors) { CutsOutput = true }, input, time, cancellationToken);
            return result.End == RunEnd.Exited
                ? new ChildResult(result.ExitCode, result.Output, result.Errors)
                : throw new GitException(GitErrorKind.TimedOut, $"{order.Program} was killed: it had not ended after {Limit.TotalSeconds:0} s");
        }
        catch (Win32Exception failure)
        {
            throw new GitException(GitErrorKind.NotAllowed, $"{order.Program} can't be started: {failure.Message}", failure);
        }
    }
}
