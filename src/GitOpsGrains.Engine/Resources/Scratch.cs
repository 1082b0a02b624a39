using System.Buffers;

namespace GitOpsGrains.Engine.Resources;

/// <summary>
/// A buffer for bytes that are made and read at once. Each thread keeps some for the next: a sync hashes some ten small
/// texts, and their buffers were a twentieth of what it allocates.
/// </summary>
internal readonly ref struct Scratch : IDisposable
{
    /// <summary>A larger one is left to the collector, so that one large object does not stay in each thread.</summary>
    private const int MostKept = 64 * 1024;

    /// <summary>Of those that are taken while another is.</summary>
    private const int MostOfThread = 4;

    [ThreadStatic]
    private static Stack<ArrayBufferWriter<byte>>? _kept;

    private Scratch(ArrayBufferWriter<byte> output) => Output = output;

    public ArrayBufferWriter<byte> Output { get; }

    /// <summary>Empty. Its bytes are gone when it is disposed of; one that is taken meanwhile is another one.</summary>
    public static Scratch Take() => new(_kept is { Count: > 0 } kept ? kept.Pop() : new ArrayBufferWriter<byte>(4096));

    public void Dispose()
    {
        var kept = _kept ??= new Stack<ArrayBufferWriter<byte>>(MostOfThread);
        if (Output.Capacity > MostKept || kept.Count == MostOfThread) return;
        // Cleared: it may be a Secret's.
        Output.Clear();
        kept.Push(Output);
    }
}
