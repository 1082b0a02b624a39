using GitOpsGrains.Abstractions.Ports.Secrets;
using GitOpsGrains.Documents;

namespace GitOpsGrains.Git.Credentials;

/// <summary>A host that gives mirrors no secrets: only repositories that anybody may read can be reached.</summary>
internal sealed class NoSecrets : ISecretReader, ICredentialTemplates
{
    public Task<string> ReadAsync(SecretReference reference, SecretPurpose purpose, string url, CancellationToken cancellationToken) =>
        Task.FromException<string>(new SecretException($"the {reference.Describe()} can't be read: this host reads no secrets"));

    public Task<RepositoryCredentialsSpec?> FindAsync(string url, CancellationToken cancellationToken) => Task.FromResult<RepositoryCredentialsSpec?>(null);
}
