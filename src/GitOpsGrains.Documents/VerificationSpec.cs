namespace GitOpsGrains.Documents;

/// <summary>Which commits of a repository must be signed, and by whom.</summary>
public sealed record VerificationSpec : Extensible
{
    /// <summary>One of <see cref="VerificationModes"/>. Default: head.</summary>
    public string Mode { get; init; } = VerificationModes.Head;

    /// <summary>Public keys of those whose signatures are good; 1 to 100, none only with mode none.</summary>
    public IReadOnlyList<VerificationKey> Keys { get; init; } = [];
}

/// <summary>One public key, or several of one kind in one text of at most 64 KB. Exactly one of the members is set.</summary>
public sealed record VerificationKey : Extensible
{
    /// <summary>An armored OpenPGP public key block.</summary>
    public string? Gpg { get; init; }

    /// <summary>Where such a block is.</summary>
    public SecretReference? GpgFrom { get; init; }

    /// <summary>Lines "TYPE BASE64 NAME", as in id_ed25519.pub.</summary>
    public string? Ssh { get; init; }

    /// <summary>Where such lines are.</summary>
    public SecretReference? SshFrom { get; init; }
}

/// <summary>The words of <see cref="VerificationSpec.Mode"/>.</summary>
public static class VerificationModes
{
    public const string None = "none";

    /// <summary>The commit that is rendered, or the annotated tag that names it.</summary>
    public const string Head = "head";

    /// <summary>That, and every commit since the last one that was taken; when there is none yet, as head.</summary>
    public const string All = "all";

    public static IReadOnlyList<string> Values { get; } = [None, Head, All];
}
