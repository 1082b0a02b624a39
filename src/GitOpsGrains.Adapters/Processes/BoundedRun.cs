using System.Text;

namespace GitOpsGrains.Adapters.Processes;

/// <param name="Output">Bytes; what is more ends the run, or is dropped where the output is cut.</param>
/// <param name="Errors">Bytes of standard error that are kept; what is more is dropped.</param>
public sealed record RunLimits(TimeSpan Time, int Output, int Errors)
{
    /// <summary>Only the first <see cref="Output"/> bytes are wanted.</summary>
    public bool CutsOutput { get; init; }
}

public enum RunEnd
{
    /// <summary>By itself.</summary>
    Exited,
    /// <summary>Killed: its time was up.</summary>
    TimedOut,
    /// <summary>Killed: it printed too much.</summary>
    TooMuchOutput,
}

/// <param name="ExitCode">Of a program that ended by itself; -1 else.</param>
public sealed record RunResult(RunEnd End, int ExitCode, byte[] Output, string Errors);

/// <summary>Runs a program to its end within limits; nothing of it is left afterwards, however it ends.</summary>
public static class BoundedRun
{
    private const int ChunkBytes = 32 * 1024;

    /// <summary>
    /// Errors: <see cref="System.ComponentModel.Win32Exception"/> when it can't be started, <see cref="OperationCanceledException"/>
    /// only for the caller's own token.
    /// </summary>
    /// <param name="input">All of its standard input.</param>
    public static async Task<RunResult> RunAsync(ProcessOrder order, RunLimits limits, ReadOnlyMemory<byte> input, TimeProvider time, CancellationToken cancellationToken)
    {
        using var group = ProcessGroup.Start(order);
        using var deadline = new CancellationTokenSource(limits.Time, time);
        using var tooMuch = new CancellationTokenSource();
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token, tooMuch.Token);
        try
        {
            var writing = WriteAsync(group.Input, input, linked.Token);
            var output = ReadAsync(group.Output, limits.Output, limits.CutsOutput ? null : tooMuch, linked.Token);
            var errors = ReadAsync(group.Errors, limits.Errors, null, linked.Token);
            await Task.WhenAll(writing, output, errors);
            return new RunResult(RunEnd.Exited, await group.WaitAsync(linked.Token), await output, Encoding.UTF8.GetString(await errors));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new RunResult(tooMuch.IsCancellationRequested ? RunEnd.TooMuchOutput : RunEnd.TimedOut, -1, [], "");
        }
    }

    private static async Task WriteAsync(Stream stream, ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        try
        {
            await using (stream) await stream.WriteAsync(input, cancellationToken);
        }
        catch (IOException)
        {
            // It ended before it had read everything: its exit code and its errors say why.
        }
    }

    /// <summary>Reads to the end, so that the program never waits, and keeps no more than the limit.</summary>
    private static async Task<byte[]> ReadAsync(Stream stream, int limit, CancellationTokenSource? tooMuch, CancellationToken cancellationToken)
    {
        using var kept = new MemoryStream();
        var buffer = new byte[ChunkBytes];
        while (await stream.ReadAsync(buffer, cancellationToken) is var read and > 0)
        {
            var room = (int)Math.Min(read, limit - kept.Length);
            kept.Write(buffer, 0, room);
            if (tooMuch is null || room == read) continue;
            await tooMuch.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
        return kept.ToArray();
    }
}
