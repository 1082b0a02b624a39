using System.IO.Compression;
using System.Runtime.InteropServices;

namespace GitOpsGrains.Engine.Resources;

/// <summary>
/// Bytes of an object that are seldom read. They can be put to rest, packed together with their neighbours', which are much
/// alike; who reads them then unpacks them. Safe for concurrent use.
/// </summary>
internal sealed class RestingBytes(ReadOnlyMemory<byte> bytes)
{
    /// <summary>Who reads one of them unpacks all of its block.</summary>
    private const int BlockBytes = 64 * 1024;

    /// <summary>An array, or a <see cref="Packed"/>.</summary>
    private volatile object _content = ArrayOf(bytes);

    public ReadOnlyMemory<byte> Value => _content is Packed packed ? packed.Read() : (byte[])_content;

    public bool IsPacked => _content is Packed;

    /// <summary>Packs those that are not.</summary>
    public static void Pack(IEnumerable<RestingBytes> items)
    {
        var (block, length) = (new List<RestingBytes>(), 0);
        foreach (var item in items)
        {
            if (item._content is not byte[] content || content.Length == 0) continue;
            if (length > 0 && length + content.Length > BlockBytes)
            {
                PackBlock(block, length);
                (block, length) = ([], 0);
            }
            block.Add(item);
            length += content.Length;
        }
        PackBlock(block, length);
    }

    private static void PackBlock(List<RestingBytes> items, int length)
    {
        if (items.Count == 0) return;
        var raw = new byte[length];
        var at = 0;
        foreach (var item in items)
        {
            item.Value.CopyTo(raw.AsMemory(at));
            at += item.Value.Length;
        }
        var buffer = new byte[BrotliEncoder.GetMaxCompressedLength(length)];
        if (!BrotliEncoder.TryCompress(raw, buffer, out var written, quality: 3, window: 18)) return;
        // What hardly gets smaller is better left as it is.
        if (written > length * 3L / 4) return;
        var block = new Block(buffer.AsSpan(0, written).ToArray(), length);
        at = 0;
        foreach (var item in items)
        {
            var own = item.Value.Length;
            item._content = new Packed(block, at, own);
            at += own;
        }
    }

    private static byte[] ArrayOf(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out var segment) && segment is { Offset: 0, Array: { } array } && segment.Count == array.Length ? array : bytes.ToArray();

    private sealed record Packed(Block Block, int Start, int Length)
    {
        public ReadOnlyMemory<byte> Read() => Block.Read().AsMemory(Start, Length);
    }

    private sealed class Block(byte[] packed, int length)
    {
        /// <summary>Who reads one often reads the next.</summary>
        private readonly WeakReference<byte[]> _unpacked = new([]);

        public byte[] Read()
        {
            if (_unpacked.TryGetTarget(out var known) && known.Length == length) return known;
            var raw = new byte[length];
            if (!BrotliDecoder.TryDecompress(packed, raw, out var written) || written != length) throw new InvalidDataException("packed bytes can't be unpacked");
            _unpacked.SetTarget(raw);
            return raw;
        }
    }
}
