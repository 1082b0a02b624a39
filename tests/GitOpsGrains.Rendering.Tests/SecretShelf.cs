using GitOpsGrains.Abstractions.Ports.Secrets;
using GitOpsGrains.Documents;

namespace GitOpsGrains.Rendering.Tests;

/// <summary>Secrets by the names of stored credentials, and what URLs below a prefix share: what a silo would read from its grains.</summary>
internal sealed class SecretShelf : ISecretReader, ICredentialTemplates
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    public List<RepositoryCredentialsSpec> Templates { get; } = [];

    public SecretReference Put(string name, string value)
    {
        _values[name] = value;
        return new SecretReference { Stored = name };
    }

    public Task<string> ReadAsync(SecretReference reference, SecretPurpose purpose, string url, CancellationToken cancellationToken) =>
        _values.TryGetValue(reference.Stored!, out var value)
            ? Task.FromResult(value)
            : Task.FromException<string>(new SecretException($"there is no {reference.Describe()}"));

    public Task<RepositoryCredentialsSpec?> FindAsync(string url, CancellationToken cancellationToken)
    {
        Assert.True(GitUrl.TryParseAny(url, out var wanted, out _));
        return Task.FromResult(Templates.Find(item => GitUrl.TryParseAny(item.UrlPrefix, out var prefix, out _) && wanted.IsBelow(prefix)));
    }
}
