using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Cli.Commands;

/// <summary>What was given to sign in with. No record: its text must not show it.</summary>
internal sealed class RepoCredentials
{
    public string? Username { get; init; }
    public string? Password { get; init; }
    public string? Token { get; init; }
    public string? SshKey { get; init; }
    public string? KnownHosts { get; init; }
    public string? ClientCertificate { get; init; }
    public string? Ca { get; init; }
    public string? AppId { get; init; }
    public string? InstallationId { get; init; }
    public string? AppKey { get; init; }

    /// <summary>Null when the repository needs no stored credential.</summary>
    public IReadOnlyList<string>? Values => new[] { Password, Token, SshKey, KnownHosts, ClientCertificate, Ca, AppKey }.OfType<string>().ToArray() is { Length: > 0 } given ? given : null;

    public CredentialRequest Bind(string url) => new()
    {
        UrlPrefix = url,
        Password = Password,
        Token = Token,
        SshKey = SshKey,
        KnownHosts = KnownHosts,
        ClientCertificate = ClientCertificate,
        Ca = Ca,
        AppKey = AppKey,
    };

    /// <summary>The Repository, which refers to the stored credential of its name.</summary>
    public RepositoryDocument ToDocument(string name, string url)
    {
        var stored = new SecretReference { Stored = name };
        SecretReference? From(string? value) => value is null ? null : stored;
        var signsIn = Password is not null || Token is not null || SshKey is not null || ClientCertificate is not null || AppKey is not null;
        var credentials = new CredentialsSpec
        {
            Username = Username,
            PasswordFrom = From(Password),
            TokenFrom = From(Token),
            SshKeyFrom = From(SshKey),
            KnownHostsFrom = From(KnownHosts),
            ClientCertificateFrom = From(ClientCertificate),
            GithubApp = AppKey is null ? null : new GitHubAppSpec { AppId = AppId!, InstallationId = InstallationId!, PrivateKeyFrom = stored },
        };
        return new RepositoryDocument
        {
            Metadata = new DocumentMetadata { Name = name },
            Spec = new RepositorySpec { Url = url, Credentials = signsIn || Username is not null ? credentials : null, CaFrom = From(Ca) },
        };
    }
}
