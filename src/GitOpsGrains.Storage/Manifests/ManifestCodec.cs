using System.Buffers;
using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace GitOpsGrains.Storage.Manifests;

/// <summary>Content to stored bytes and back: Brotli, then encryption with the key ring; and the keyed digest.</summary>
internal sealed class ManifestCodec(IDataProtectionProvider protection)
{
    /// <summary>Bytes of content, at most.</summary>
    public const int MaxContentBytes = 64 * 1024 * 1024;

    /// <summary>Bytes of a stored blob, at most: content that does not compress grows a little by encryption.</summary>
    public const int MaxStoredBytes = MaxContentBytes + (MaxContentBytes / 16);

    private const int DigestKeyBytes = 32;
    private static readonly SearchValues<char> KeyDigits = SearchValues.Create("0123456789abcdef");
    private readonly IDataProtector _content = protection.CreateProtector("GitOpsGrains.Manifests", "content.v1");
    private readonly IDataProtector _digestKey = protection.CreateProtector("GitOpsGrains.Manifests", "digest-key.v1");

    public static string KeyOf(byte[] digestKey, ReadOnlySpan<byte> content) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(digestKey, content));

    public static bool IsKey(string key) => key.Length == 64 && key.AsSpan().IndexOfAnyExcept(KeyDigits) < 0;

    /// <summary>A new digest key, encrypted.</summary>
    public byte[] NewDigestKey() => _digestKey.Protect(RandomNumberGenerator.GetBytes(DigestKeyBytes));

    public byte[] OpenDigestKey(byte[] sealedKey)
    {
        try
        {
            return _digestKey.Unprotect(sealedKey);
        }
        catch (CryptographicException exception)
        {
            throw new InvalidDataException(
                "the key ring can't open the manifest store's digest key: the key ring is not the one that the store was made with; "
                + "restore it beside the store", exception);
        }
    }

    public byte[] Seal(ReadOnlyMemory<byte> content)
    {
        using var compressed = new MemoryStream();
        using (var brotli = new BrotliStream(compressed, CompressionLevel.Fastest, leaveOpen: true)) brotli.Write(content.Span);
        return _content.Protect(compressed.ToArray());
    }

    /// <summary>The content of exactly the given length, checked against its key.</summary>
    /// <exception cref="InvalidDataException">It can't be decrypted, or is not what the key says.</exception>
    public byte[] Open(byte[] stored, int length, string key, byte[] digestKey)
    {
        if (length is < 0 or > MaxContentBytes) throw Damaged(key, $"its length of {length} is out of range", null);
        var content = Decompress(Decrypt(stored, key), length, key);
        return KeyOf(digestKey, content) == key ? content : throw Damaged(key, "its digest is another", null);
    }

    public static InvalidDataException Damaged(string key, string reason, Exception? innerException) =>
        new($"the stored manifest set '{key}' is damaged: {reason}", innerException);

    private byte[] Decrypt(byte[] stored, string key)
    {
        try
        {
            return _content.Unprotect(stored);
        }
        catch (CryptographicException exception)
        {
            throw Damaged(key, "the key ring can't decrypt it", exception);
        }
    }

    private static byte[] Decompress(byte[] compressed, int length, string key)
    {
        var content = GC.AllocateUninitializedArray<byte>(length);
        try
        {
            using var brotli = new BrotliStream(new MemoryStream(compressed), CompressionMode.Decompress);
            brotli.ReadExactly(content);
            if (brotli.ReadByte() >= 0) throw Damaged(key, "it is longer than its index says", null);
            return content;
        }
        catch (Exception exception) when (exception is EndOfStreamException or InvalidOperationException)
        {
            throw Damaged(key, "it can't be decompressed", exception);
        }
    }
}
