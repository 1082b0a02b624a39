namespace GitOpsGrains.Abstractions.Ports.Git;

/// <summary>Tells who signed commits and tags of the mirrors. What can't be checked is not good.</summary>
public interface ISignatureVerifier
{
    /// <summary>
    /// One verdict for each object (ids of commits and annotated tags), in the order asked. Errors in keys, objects and
    /// programs are verdicts; <see cref="GitException"/> when the mirror can't be read.
    /// </summary>
    /// <param name="keys">Whose signatures are good.</param>
    Task<IReadOnlyList<SignatureVerdict>> VerifyAsync(
        RepositoryAccess repository, IReadOnlyList<string> objects, IReadOnlyList<TrustedKey> keys, CancellationToken cancellationToken);
}

/// <summary>The two kinds of signatures that are known.</summary>
public enum SignatureKind
{
    Gpg,
    Ssh,
}

/// <summary>A public key, or several in one text: an armored block of OpenPGP, or lines as in id_ed25519.pub.</summary>
public sealed record TrustedKey(SignatureKind Kind, string Text);

/// <param name="Id">Of the object.</param>
/// <param name="Commit">The commit itself, or the one that the tag points to directly; "" when that is something else.</param>
/// <param name="TagName">The name that stands in the tag; "" for a commit.</param>
/// <param name="Signer">Who signed it, as far as that can be told; "" when nobody did.</param>
/// <param name="Reason">Why it is not good; "" when it is.</param>
public sealed record SignatureVerdict(string Id, string Commit, string TagName, bool IsGood, string Signer, string Reason);
