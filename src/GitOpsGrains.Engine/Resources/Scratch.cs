using System.Buffers;

namespace GitOpsGrains.Engine.Resources;

/// <summary>
/// A buffer for bytes that are made and read at once. Each thread keeps some for the next: a sync hashes some ten small
/// texts, and their buffers were a twentieth of what it allocates.
/// </summary>
internal readonly ref struct Scratch : IDisposable
{
    /// <summary>A larger one is left to the collector, so that one large object does not stay in each thread.</summary>
    private const int MostKept = 256 * 1024;

    /// <summary>Two are taken at once at most: that of a digest, and that of a text in it.</summary>
    private const int MostOfThread = 2;

    [ThreadStatic]
    private static Stack<ArrayBufferWriter<byte>>? _kept;

    private Scratch(ArrayBufferWriter<byte> output) => Output = output;

    public ArrayBufferWriter<byte> Output { get; }

    /// <summary>Empty. Its bytes are gone when it is disposed of; one that is taken meanwhile is another one.</summary>
    public static Scratch Take() => new(_kept is { Count: > 0 } kept ? kept.Pop() : new ArrayBufferWriter<byte>(4096));

    public void Dispose()
    {
        var kept = _kept ??= new Stack<ArrayBufferWriter<byte>>(MostOfThread);
        // A copy that is disposed of as well must not give it to two.
        if (Output.Capacity > MostKept || kept.Count == MostOfThread || kept.Contains(Output)) return;
        // Cleared: it may be a Secret's.
        Output.Clear();
        kept.Push(Output);
    }
}
