using System.Buffers;

namespace GitOpsGrains.Engine.Resources;

/// <summary>
/// A buffer for bytes that are made and read at once. Each thread keeps one for the next: a sync hashes some ten small
/// texts, and their buffers were a twentieth of what it allocates.
/// </summary>
internal readonly ref struct Scratch : IDisposable
{
    /// <summary>A larger one is left to the collector, so that one large object does not stay in each thread.</summary>
    private const int MostKept = 64 * 1024;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _kept;

    private Scratch(ArrayBufferWriter<byte> output) => Output = output;

    public ArrayBufferWriter<byte> Output { get; }

    /// <summary>Empty. Its bytes are gone when it is disposed of; one that is taken meanwhile is another one.</summary>
    public static Scratch Take()
    {
        var output = _kept ?? new ArrayBufferWriter<byte>(4096);
        _kept = null;
        return new Scratch(output);
    }

    public void Dispose()
    {
        if (Output.Capacity > MostKept) return;
        // Cleared: it may be a Secret's.
        Output.Clear();
        _kept = Output;
    }
}
