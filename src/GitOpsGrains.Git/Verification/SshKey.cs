using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using GitOpsGrains.Abstractions.Ports.Git;

namespace GitOpsGrains.Git.Verification;

/// <summary>A public key as a line "TYPE BASE64 NAME".</summary>
internal sealed record SshKey(string Type, string Base64, string Name, string Fingerprint)
{
    private const int MaxKeys = 1000;
    private static readonly string[] Types =
    [
        "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa",
        "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
    ];

    /// <summary>All keys of the texts; empty lines and those that begin with '#' are none. Errors: <see cref="GitException"/>.</summary>
    public static IReadOnlyList<SshKey> ParseAll(IEnumerable<string> texts)
    {
        var lines = texts.SelectMany(text => text.Split('\n')).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#').Take(MaxKeys + 1).ToArray();
        if (lines.Length > MaxKeys) throw new GitException(GitErrorKind.NotAllowed, $"the repository has more than {MaxKeys} ssh keys");
        return [.. lines.Select(Parse).DistinctBy(key => key.Fingerprint)];
    }

    /// <summary>Fingerprint of the key that an armored signature says it was made with; "" when it can't be read.</summary>
    public static string SignerOf(string signature)
    {
        var lines = signature.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && !line.StartsWith("-----", StringComparison.Ordinal));
        var blob = new byte[signature.Length];
        // "SSHSIG", a version of four bytes, then the key with its length before it.
        if (!Convert.TryFromBase64String(string.Concat(lines), blob, out var length) || length < 14 || !blob.AsSpan().StartsWith("SSHSIG"u8)) return "";
        var size = BinaryPrimitives.ReadUInt32BigEndian(blob.AsSpan(10));
        return size <= length - 14 ? FingerprintOf(blob.AsSpan(14, (int)size)) : "";
    }

    private static SshKey Parse(string line)
    {
        var words = line.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries);
        var bytes = new byte[line.Length];
        if (words.Length < 2 || !Types.Contains(words[0]) || !Convert.TryFromBase64String(words[1], bytes, out var length))
            throw new GitException(GitErrorKind.NotAllowed, "a key of the repository is no ssh public key: write TYPE BASE64 NAME, as in id_ed25519.pub");
        var fingerprint = FingerprintOf(bytes.AsSpan(0, length));
        var name = words.Length > 2 ? new string([.. words[2].Where(character => !char.IsControl(character)).Take(128)]) : "";
        return new SshKey(words[0], words[1], name, fingerprint);
    }

    private static string FingerprintOf(ReadOnlySpan<byte> key) => "SHA256:" + Convert.ToBase64String(SHA256.HashData(key)).TrimEnd('=');
}
