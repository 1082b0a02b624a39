using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace GitOpsGrains.Abstractions.Identity;

/// <summary>A SHA-256, as 64 lower-case hexadecimal digits in text and as four words in memory (32 bytes, no heap object).</summary>
[GenerateSerializer, Immutable, Alias("gog.Digest")]
[JsonConverter(typeof(DigestJsonConverter))]
public readonly record struct Digest(
    [property: Id(0)] ulong A, [property: Id(1)] ulong B, [property: Id(2)] ulong C, [property: Id(3)] ulong D)
{
    public static Digest Of(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(content, hash);
        return FromBytes(hash);
    }

    public static Digest Of(string text) => Of(Encoding.UTF8.GetBytes(text));

    public static Digest FromBytes(ReadOnlySpan<byte> hash) => new(
        System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(hash),
        System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(hash[8..]),
        System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(hash[16..]),
        System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(hash[24..]));

    /// <summary>The 32 bytes that <see cref="FromBytes"/> reads.</summary>
    public void WriteTo(Span<byte> hash)
    {
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(hash, A);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(hash[8..], B);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(hash[16..], C);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(hash[24..], D);
    }

    public static bool TryParse(string? text, out Digest digest)
    {
        digest = default;
        if (text is not { Length: 64 }) return false;
        Span<byte> hash = stackalloc byte[32];
        if (Convert.FromHexString(text, hash, out _, out _) != System.Buffers.OperationStatus.Done) return false;
        digest = FromBytes(hash);
        return true;
    }

    public bool IsNone => this == default;

    public override string ToString()
    {
        Span<char> text = stackalloc char[64];
        return new string(text[..Format(text)]);
    }

    internal int Format(Span<char> text)
    {
        Span<byte> hash = stackalloc byte[32];
        WriteTo(hash);
        Convert.TryToHexStringLower(hash, text, out var written);
        return written;
    }
}

/// <summary>Writes a <see cref="Digest"/> as 64 hexadecimal digits; the absent one as "".</summary>
public sealed class DigestJsonConverter : JsonConverter<Digest>
{
    public override Digest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.GetString();
        if (string.IsNullOrEmpty(text)) return default;
        return Digest.TryParse(text, out var digest) ? digest : throw new JsonException("a digest has 64 hexadecimal digits");
    }

    public override void Write(Utf8JsonWriter writer, Digest value, JsonSerializerOptions options)
    {
        Span<char> text = stackalloc char[64];
        writer.WriteStringValue(value.IsNone ? [] : text[..value.Format(text)]);
    }
}
