using GitOpsGrains.Abstractions.Credentials;
using GitOpsGrains.Abstractions.Ports.Secrets;
using GitOpsGrains.Documents;

namespace GitOpsGrains.Grains.Credentials;

/// <summary>
/// Looks into the table of the grain that holds them, which costs nothing, while that grain is in this silo; else asks it. From any
/// thread of the silo.
/// </summary>
public sealed class CredentialTemplates(IGrainFactory grains, TemplateTable table) : ICredentialTemplates
{
    public async Task<RepositoryCredentialsSpec?> FindAsync(string url, CancellationToken cancellationToken) =>
        table.Current is { } here ? here.Find(url)?.Spec : (await grains.GetGrain<IRepositoryCredentialsGrain>(0).FindAsync(url).WaitAsync(cancellationToken))?.Spec;
}
