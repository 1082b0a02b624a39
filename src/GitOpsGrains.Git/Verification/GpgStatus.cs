using System.Text;

namespace GitOpsGrains.Git.Verification;

/// <summary>
/// Reads what gpg says of one signature (doc/DETAILS of GnuPG). Good is only what gpg calls good and valid, alone and
/// without any doubt: a key that has expired since is one.
/// </summary>
internal static class GpgStatus
{
    private const string Prefix = "[GNUPG:] ";

    public static Finding Read(ChildResult result)
    {
        var lines = Encoding.UTF8.GetString(result.Output).Split('\n').Where(line => line.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(line => line[Prefix.Length..].Trim().Split(' ')).Where(words => words[0].Length > 0).ToArray();
        string[]? Find(string word) => lines.FirstOrDefault(line => line[0] == word);
        if (lines.Count(line => line[0] == "NEWSIG") > 1) return Bad("", "it has several signatures");
        if (Find("BADSIG") is { } bad) return Bad(Named(bad), "the signature does not match: something was changed after it was signed");
        if (Find("REVKEYSIG") is { } revoked) return Bad(Named(revoked), "the key has been revoked");
        if (Find("EXPKEYSIG") is { } expired) return Bad(Named(expired), "the key has expired");
        if (Find("EXPSIG") is { } over) return Bad(Named(over), "the signature has expired");
        if (Find("ERRSIG") is { Length: > 1 } unknown)
            return Find("NO_PUBKEY") is not null
                ? Bad(unknown.Length > 7 && unknown[7] != "-" ? unknown[7] : unknown[1], "this OpenPGP key is not one of the repository's")
                : Bad(unknown[1], "gpg can't check the signature");
        return Find("GOODSIG") is { } good && Find("VALIDSIG") is { Length: > 1 } && result.ExitCode == 0
            ? new Finding(true, Named(good), "")
            : Bad("", "gpg can't read the signature");
    }

    /// <summary>"WORD KEYID USER ID" as "USER ID (KEYID)".</summary>
    private static string Named(string[] words) =>
        words.Length < 2 ? "" : $"{new string([.. string.Join(' ', words.Skip(2)).Where(character => !char.IsControl(character)).Take(200)])} ({words[1]})".Trim();

    private static Finding Bad(string signer, string reason) => new(false, signer, reason);
}

/// <summary>As in <see cref="Abstractions.Ports.Git.SignatureVerdict"/>.</summary>
internal sealed record Finding(bool IsGood, string Signer, string Reason);
