namespace GitOpsGrains.Documents.Validation;

/// <summary>Verification: a mode, and keys of which each is given in one way.</summary>
internal static class VerificationRules
{
    private const int MaxKeys = 100;
    private const int MaxText = 64 * 1024;

    public static void Check(Rules rules, string path, VerificationSpec? verification)
    {
        if (verification is null) return;
        rules.OneOf($"{path}.mode", verification.Mode, VerificationModes.Values);
        if (verification.Keys.Count == 0 && verification.Mode != VerificationModes.None) rules.Fault($"{path}.keys", "required");
        if (verification.Keys.Count > MaxKeys) rules.Fault($"{path}.keys", $"more than {MaxKeys}");
        for (var i = 0; i < verification.Keys.Count && i < MaxKeys; i++) CheckKey(rules, $"{path}.keys[{i}]", verification.Keys[i]);
    }

    private static void CheckKey(Rules rules, string path, VerificationKey key)
    {
        var ways = new object?[] { key.Gpg, key.GpgFrom, key.Ssh, key.SshFrom }.Count(static way => way is not null);
        if (ways != 1) rules.Fault(path, "give exactly one of gpg, gpgFrom, ssh and sshFrom");
        if (key.Gpg is { } block) CheckText(rules, $"{path}.gpg", block, block.TrimStart().StartsWith("-----BEGIN PGP PUBLIC KEY BLOCK-----", StringComparison.Ordinal), "not an armored OpenPGP public key block");
        if (key.Ssh is { } lines) CheckText(rules, $"{path}.ssh", lines, lines.Contains("AAAA", StringComparison.Ordinal), "not a line TYPE BASE64 NAME, as in id_ed25519.pub");
        SecretReferenceRules.Check(rules, $"{path}.gpgFrom", key.GpgFrom);
        SecretReferenceRules.Check(rules, $"{path}.sshFrom", key.SshFrom);
    }

    private static void CheckText(Rules rules, string path, string text, bool hasForm, string otherwise)
    {
        if (text.Length > MaxText) rules.Fault(path, $"longer than {MaxText} characters");
        else if (text.Contains("PRIVATE KEY", StringComparison.Ordinal)) rules.Fault(path, "is a private key; give the public one");
        else if (!hasForm) rules.Fault(path, otherwise);
    }
}
