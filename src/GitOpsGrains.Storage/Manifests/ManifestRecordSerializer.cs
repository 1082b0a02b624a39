using System.Runtime.CompilerServices;
using Orleans.Storage;

namespace GitOpsGrains.Storage.Manifests;

/// <summary>
/// Writes the pieces of blobs as they are, where JSON would make a third more of them; everything else goes to the
/// inner serializer. Pieces that were written as JSON are read too.
/// </summary>
internal sealed class ManifestRecordSerializer(IGrainStorageSerializer inner) : IGrainStorageSerializer
{
    // No JSON text begins with this byte.
    private const byte RawMark = 1;

    public BinaryData Serialize<T>(T? input) =>
        input is ManifestChunk chunk ? BinaryData.FromBytes((byte[])[RawMark, .. chunk.Data]) : inner.Serialize(input);

    public T? Deserialize<T>(BinaryData input)
    {
        var bytes = input.ToMemory().Span;
        if (typeof(T) != typeof(ManifestChunk) || bytes.IsEmpty || bytes[0] != RawMark) return inner.Deserialize<T>(input);
        var chunk = new ManifestChunk { Data = bytes[1..].ToArray() };
        return Unsafe.As<ManifestChunk, T>(ref chunk);
    }
}
