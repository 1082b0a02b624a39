using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Git.Mirrors;

namespace GitOpsGrains.Git.Verification;

/// <summary>
/// Asks <c>gpg</c> and <c>ssh-keygen</c>: the rules of keys that expire, are revoked, or sign through subkeys are theirs and
/// are kept up to date by the system. An object that takes part in no signature is not good, and so is one that can't be
/// checked.
/// </summary>
internal sealed class SignatureVerifier(MirrorFolders mirrors, ObjectBytes objects, KeyFolders folders, ChildProcess processes) : ISignatureVerifier
{
    private const int MaxSignature = 64 * 1024;
    private const int MaxOutput = 64 * 1024;

    public async Task<IReadOnlyList<SignatureVerdict>> VerifyAsync(
        RepositoryAccess repository, IReadOnlyList<string> ids, IReadOnlyList<TrustedKey> keys, CancellationToken cancellationToken)
    {
        var mirror = mirrors.For(repository);
        if (!mirror.Exists) throw new GitException(GitErrorKind.CommitNotFound, "the repository was not fetched yet");
        var found = await objects.ReadAsync(mirror.Folder, ids, cancellationToken);
        // As many at a time as the programs have places.
        return await Task.WhenAll(ids.Zip(found, (id, raw) => VerifyAsync(id, raw, keys, cancellationToken)));
    }

    private async Task<SignatureVerdict> VerifyAsync(string id, RawObject? raw, IReadOnlyList<TrustedKey> keys, CancellationToken cancellationToken)
    {
        if (raw is null) return new SignatureVerdict(id, "", "", false, "", "it is not in the mirror, is no commit or tag, or has more than 1 MB");
        var signed = SignedObjects.Parse(id, raw);
        var finding = await FindAsync(signed, keys, cancellationToken);
        return new SignatureVerdict(id, signed.Commit, signed.TagName, finding.IsGood, finding.Signer, finding.Reason);
    }

    private async Task<Finding> FindAsync(SignedObject signed, IReadOnlyList<TrustedKey> keys, CancellationToken cancellationToken)
    {
        try
        {
            if (signed.Signature.Length == 0) return Bad("", "it is not signed");
            if (signed.Signature.Length > MaxSignature) return Bad("", "its signature has more than 64 KB");
            var folder = await folders.ForAsync(keys);
            if (signed.Signature.StartsWith("-----BEGIN SSH SIGNATURE-----", StringComparison.Ordinal)) return await AskSshAsync(signed, folder, cancellationToken);
            if (signed.Signature.StartsWith("-----BEGIN PGP SIGNATURE-----", StringComparison.Ordinal)) return await AskGpgAsync(signed, folder, cancellationToken);
            return Bad("", "its signature is neither OpenPGP's nor ssh's");
        }
        catch (GitException failure)
        {
            return Bad("", failure.Message);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return Bad("", $"the folder for keys can't be used: {failure.GetType().Name}");
        }
    }

    private Task<Finding> AskGpgAsync(SignedObject signed, KeyFolder folder, CancellationToken cancellationToken) =>
        WithSignatureAsync(signed, folder, async file =>
        {
            var order = new ChildOrder("gpg", [.. KeyFolder.GpgArguments(folder.Path), "--verify", file, "-"], folder.Path, MaxOutput);
            return GpgStatus.Read(await processes.RunAsync(order, signed.Payload, cancellationToken));
        });

    private Task<Finding> AskSshAsync(SignedObject signed, KeyFolder folder, CancellationToken cancellationToken)
    {
        var fingerprint = SshKey.SignerOf(signed.Signature);
        if (!folder.SshNames.TryGetValue(fingerprint, out var name))
            return Task.FromResult(Bad(fingerprint, "this ssh key is not one of the repository's"));
        var signer = name.Length == 0 ? fingerprint : $"{name} ({fingerprint})";
        return WithSignatureAsync(signed, folder, async file =>
        {
            string[] arguments = ["-Y", "verify", "-f", Path.Combine(folder.Path, KeyFolder.Signers), "-I", "git", "-n", "git", "-s", file];
            var result = await processes.RunAsync(new ChildOrder("ssh-keygen", arguments, folder.Path, MaxOutput), signed.Payload, cancellationToken);
            return result.ExitCode == 0 && System.Text.Encoding.UTF8.GetString(result.Output).Contains(fingerprint, StringComparison.Ordinal)
                ? new Finding(true, signer, "")
                : Bad(signer, "the signature does not match: something was changed after it was signed, or it is no signature of a commit or tag");
        });
    }

    private static async Task<Finding> WithSignatureAsync(SignedObject signed, KeyFolder folder, Func<string, Task<Finding>> ask)
    {
        var file = Path.Combine(folder.Path, $"{Guid.NewGuid():N}.sig");
        try
        {
            await File.WriteAllTextAsync(file, signed.Signature, System.Text.Encoding.Latin1);
            return await ask(file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static Finding Bad(string signer, string reason) => new(false, signer, reason);
}
