using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace GitOpsGrains.Git.Credentials;

/// <summary>Whether a private key has a passphrase, which nobody could be asked for. Pure.</summary>
internal static class SshKeys
{
    private static readonly byte[] Magic = [.. "openssh-key-v1\0"u8];

    public static bool HasPassphrase(string pem)
    {
        if (pem.Contains("ENCRYPTED", StringComparison.Ordinal)) return true;
        if (!PemEncoding.TryFind(pem, out var found) || pem[found.Label] != "OPENSSH PRIVATE KEY") return false;
        var content = new byte[found.DecodedDataLength];
        if (!Convert.TryFromBase64String(pem[found.Base64Data], content, out var length)) return false;
        // The name of the cipher follows the magic, with its length before it.
        var rest = content.AsSpan(0, length);
        if (!rest.StartsWith(Magic) || rest.Length < Magic.Length + sizeof(int)) return false;
        rest = rest[Magic.Length..];
        var name = BinaryPrimitives.ReadInt32BigEndian(rest);
        return name > 0 && name <= rest.Length - sizeof(int) && Encoding.ASCII.GetString(rest.Slice(sizeof(int), name)) != "none";
    }
}
