using GitOpsGrains.Abstractions.Credentials;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Ports.Secrets;
using GitOpsGrains.Documents;
using Microsoft.Extensions.Options;

namespace GitOpsGrains.Grains.Credentials;

/// <inheritdoc cref="ISecretReader"/>
internal sealed class SecretReader(IGrainFactory grains, CredentialSeal seal, IOptions<SecretOptions> options) : ISecretReader
{
    public async Task<string> ReadAsync(SecretReference reference, SecretPurpose purpose, string url, CancellationToken cancellationToken)
    {
        if (reference.Stored is not { } name) return await LocalSecrets.ReadAsync(reference, options.Value, cancellationToken);
        return LocalSecrets.Trimmed(await ReadStoredAsync(name, purpose, url, cancellationToken), reference);
    }

    private static bool IsBound(string prefix, string url) =>
        GitUrl.TryParseAny(prefix, out var bound, out _) && GitUrl.TryParseAny(url, out var wanted, out _) && wanted.IsBelow(bound);

    private async Task<string> ReadStoredAsync(string name, SecretPurpose purpose, string url, CancellationToken cancellationToken)
    {
        if (!GrainKeys.IsSegment(name)) throw new SecretException("a stored credential's name is none");
        var stored = await grains.GetGrain<ICredentialGrain>(name).GetSealedAsync().WaitAsync(cancellationToken)
            ?? throw new SecretException($"there is no stored credential {name}");
        // A kubeconfig goes to no other server than the one it names.
        if (purpose != SecretPurpose.Kubeconfig && !IsBound(stored.UrlPrefix, url))
            throw new SecretException($"the stored credential {name} is not for this URL: it is bound to {stored.UrlPrefix}");
        return seal.Open(name, stored.UrlPrefix, stored.Ciphertext).TryGetValue(purpose, out var value)
            ? value
            : throw new SecretException($"the stored credential {name} has no {CredentialNames.Of(purpose)}");
    }
}
