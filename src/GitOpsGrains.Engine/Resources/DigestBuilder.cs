using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using GitOpsGrains.Abstractions.Identity;

namespace GitOpsGrains.Engine.Resources;

/// <summary>
/// Hashes a sequence of values, each with its length before it, so that no two sequences give the same bytes.
/// Such digests are stored: what is added, and in which order, must not change. Copies are one and the same: disposed of once.
/// </summary>
public readonly ref struct DigestBuilder : IDisposable
{
    private readonly Scratch _content;

    public DigestBuilder() => _content = Scratch.Take();

    public DigestBuilder Add(ReadOnlySpan<byte> value)
    {
        BinaryPrimitives.WriteInt32BigEndian(Content.GetSpan(4), value.Length);
        Content.Advance(4);
        Content.Write(value);
        return this;
    }

    public DigestBuilder Add(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        var span = Content.GetSpan(4 + length);
        BinaryPrimitives.WriteInt32BigEndian(span, length);
        Encoding.UTF8.GetBytes(value, span[4..]);
        Content.Advance(4 + length);
        return this;
    }

    public DigestBuilder Add(Digest value)
    {
        value.WriteTo(Content.GetSpan(32));
        Content.Advance(32);
        return this;
    }

    public Digest Finish() => Digest.Of(Content.WrittenSpan);

    public void Dispose() => _content.Dispose();

    private ArrayBufferWriter<byte> Content => _content.Output;
}
