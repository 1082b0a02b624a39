using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Cli.Commands;

/// <summary>What was given to sign in with. No record: its text must not show it.</summary>
internal sealed class RepoCredentials
{
    public string? Username { get; init; }
    public string? AppId { get; init; }
    public string? InstallationId { get; init; }

    /// <summary>The values, bound to the repository's URL.</summary>
    public required CredentialRequest Values { get; init; }

    /// <summary>Whether the repository needs a stored credential.</summary>
    public bool HasValues => Names.Any();

    /// <summary>Of the values that are given, as the server has them.</summary>
    private IEnumerable<string> Names => new[]
    {
        ("password", Values.Password), ("token", Values.Token), ("sshKey", Values.SshKey), ("knownHosts", Values.KnownHosts),
        ("clientCertificate", Values.ClientCertificate), ("ca", Values.Ca), ("appKey", Values.AppKey),
    }.Where(static value => value.Item2 is not null).Select(static value => value.Item1);

    /// <summary>What a stored credential has no more when these values are stored in its place.</summary>
    public IReadOnlyList<string> LostOf(CredentialView stored) => [.. stored.Values.Except(Names)];

    /// <summary>The Repository, which refers to the stored credential of its name. Of one that exists, what is not given stays.</summary>
    public RepositoryDocument ToDocument(string name, string url, RepositoryView? present)
    {
        var stored = new SecretReference { Stored = name };
        SecretReference? From(string? value) => value is null ? null : stored;
        var signsIn = Values.Password is not null || Values.Token is not null || Values.SshKey is not null || Values.ClientCertificate is not null || Values.AppKey is not null;
        var credentials = new CredentialsSpec
        {
            Username = Username,
            PasswordFrom = From(Values.Password),
            TokenFrom = From(Values.Token),
            SshKeyFrom = From(Values.SshKey),
            KnownHostsFrom = From(Values.KnownHosts),
            ClientCertificateFrom = From(Values.ClientCertificate),
            GithubApp = Values.AppKey is null ? null : new GitHubAppSpec { AppId = AppId!, InstallationId = InstallationId!, PrivateKeyFrom = stored },
        };
        var spec = present?.Spec ?? new RepositorySpec();
        return new RepositoryDocument
        {
            Metadata = present?.Metadata ?? new DocumentMetadata { Name = name },
            Spec = spec with { Url = url, Credentials = signsIn || Username is not null ? credentials : spec.Credentials, CaFrom = From(Values.Ca) ?? spec.CaFrom },
        };
    }
}
