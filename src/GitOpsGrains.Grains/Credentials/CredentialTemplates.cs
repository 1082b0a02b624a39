using GitOpsGrains.Abstractions.Credentials;
using GitOpsGrains.Abstractions.Ports.Secrets;
using GitOpsGrains.Documents;

namespace GitOpsGrains.Grains.Credentials;

/// <summary>Asks the grain that holds them, from any thread of the silo.</summary>
internal sealed class CredentialTemplates(IGrainFactory grains) : ICredentialTemplates
{
    public async Task<RepositoryCredentialsSpec?> FindAsync(string url, CancellationToken cancellationToken) =>
        (await grains.GetGrain<IRepositoryCredentialsGrain>(0).FindAsync(url).WaitAsync(cancellationToken))?.Spec;
}
