using System.Security.Cryptography;
using System.Text;

namespace GitOpsGrains.Gateway.Webhooks;

/// <summary>Comparisons that take as long for a wrong value as for the right one.</summary>
internal static class Signatures
{
    /// <summary>How far a sender's clock may be off, and how old a signed request may be.</summary>
    public static TimeSpan Window { get; } = TimeSpan.FromMinutes(5);

    private const int MaxLength = 1024;

    /// <summary>Whether the text is HMAC-SHA256 of the message in hexadecimal digits, behind the prefix.</summary>
    public static bool IsHex(string signature, string prefix, byte[] secret, params ReadOnlySpan<ReadOnlyMemory<byte>> message)
    {
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        var hasForm = signature.StartsWith(prefix, StringComparison.Ordinal) && signature.Length == prefix.Length + 2 * given.Length
            && Convert.FromHexString(signature.AsSpan(prefix.Length), given, out _, out _) == System.Buffers.OperationStatus.Done;
        return CryptographicOperations.FixedTimeEquals(given, Of(secret, message)) && hasForm;
    }

    /// <summary>Whether one of the words "v1,BASE64" is HMAC-SHA256 of the message.</summary>
    public static bool IsInList(string signatures, byte[] secret, params ReadOnlySpan<ReadOnlyMemory<byte>> message)
    {
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        var expected = Of(secret, message);
        var found = false;
        foreach (var word in signatures.Length > MaxLength ? [] : signatures.Split(' '))
        {
            var hasForm = word.StartsWith("v1,", StringComparison.Ordinal) && Convert.TryFromBase64String(word[3..], given, out var length) && length == given.Length;
            found |= CryptographicOperations.FixedTimeEquals(given, expected) & hasForm;
        }
        return found;
    }

    /// <summary>Whether both are the same; says nothing of their lengths either.</summary>
    public static bool IsSame(ReadOnlySpan<byte> given, ReadOnlySpan<byte> secret) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(given), SHA256.HashData(secret));

    /// <summary>Whether a number of seconds since 1970 is now, or nearly.</summary>
    public static bool IsRecent(string seconds, DateTimeOffset now) =>
        seconds.Length is > 0 and <= 11 && seconds.All(char.IsAsciiDigit) && long.TryParse(seconds, System.Globalization.CultureInfo.InvariantCulture, out var at)
        && (now - DateTimeOffset.FromUnixTimeSeconds(at)).Duration() <= Window;

    public static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Of(byte[] secret, ReadOnlySpan<ReadOnlyMemory<byte>> message)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        foreach (var part in message) hash.AppendData(part.Span);
        return hash.GetHashAndReset();
    }
}
