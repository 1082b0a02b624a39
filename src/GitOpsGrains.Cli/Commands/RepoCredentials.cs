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
    public bool HasValues => new[] { Values.Password, Values.Token, Values.SshKey, Values.KnownHosts, Values.ClientCertificate, Values.Ca, Values.AppKey }.Any(static value => value is not null);

    /// <summary>The Repository, which refers to the stored credential of its name.</summary>
    public RepositoryDocument ToDocument(string name, string url)
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
        return new RepositoryDocument
        {
            Metadata = new DocumentMetadata { Name = name },
            Spec = new RepositorySpec { Url = url, Credentials = signsIn || Username is not null ? credentials : null, CaFrom = From(Values.Ca) },
        };
    }
}
