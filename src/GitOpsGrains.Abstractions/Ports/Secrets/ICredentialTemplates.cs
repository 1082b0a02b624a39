using GitOpsGrains.Documents;

namespace GitOpsGrains.Abstractions.Ports.Secrets;

/// <summary>What RepositoryCredentials documents say of a URL.</summary>
public interface ICredentialTemplates
{
    /// <summary>That of the longest prefix that the URL lies below, or null.</summary>
    Task<RepositoryCredentialsSpec?> FindAsync(string url, CancellationToken cancellationToken);
}
