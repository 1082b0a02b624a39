using System.Collections.Concurrent;
using GitOpsGrains.Abstractions.Ports.Secrets;
using GitOpsGrains.Documents;

namespace GitOpsGrains.Git.Tests;

/// <summary>Secrets by the names of stored credentials, and templates: what a silo would read from its grains.</summary>
internal sealed class SecretShelf : ISecretReader, ICredentialTemplates
{
    private readonly ConcurrentDictionary<string, string> _values = new(StringComparer.Ordinal);

    public RepositoryCredentialsSpec? Template { get; set; }

    public SecretReference Put(string name, string value)
    {
        _values[name] = value;
        return new SecretReference { Stored = name };
    }

    public Task<string> ReadAsync(SecretReference reference, SecretPurpose purpose, string url, CancellationToken cancellationToken) =>
        _values.TryGetValue(reference.Stored!, out var value)
            ? Task.FromResult(value)
            : Task.FromException<string>(new SecretException($"there is no {reference.Describe()}"));

    public Task<RepositoryCredentialsSpec?> FindAsync(string url, CancellationToken cancellationToken) => Task.FromResult(Template);
}
