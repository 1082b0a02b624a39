using System.Buffers;
using System.Globalization;
using System.Text;

namespace GitOpsGrains.Git.Transport;

/// <summary>Builds a request of pkt-lines.</summary>
internal sealed class PktLineWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public PktLineWriter Line(string text)
    {
        var payload = Encoding.UTF8.GetBytes(text + "\n");
        if (payload.Length + 4 > PktLine.MaxLength) throw new ArgumentException("a line is too long", nameof(text));
        _bytes.Write(Encoding.ASCII.GetBytes((payload.Length + 4).ToString("x4", CultureInfo.InvariantCulture)));
        _bytes.Write(payload);
        return this;
    }

    public PktLineWriter Flush() => Raw("0000"u8);

    public PktLineWriter Delimiter() => Raw("0001"u8);

    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    private PktLineWriter Raw(ReadOnlySpan<byte> bytes)
    {
        _bytes.Write(bytes);
        return this;
    }
}
