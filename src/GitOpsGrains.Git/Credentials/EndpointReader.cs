using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Abstractions.Ports.Secrets;
using GitOpsGrains.Documents;
using GitOpsGrains.Git.Hosting;
using GitOpsGrains.Git.Transport;
using Microsoft.Extensions.Options;

namespace GitOpsGrains.Git.Credentials;

/// <summary>
/// Turns an access into an endpoint: what the Repository leaves open is taken from the credentials of its URL prefix, then the
/// secrets are read. Errors: <see cref="GitErrorKind.NotAllowed"/>, <see cref="GitErrorKind.SecretMissing"/>.
/// </summary>
internal sealed class EndpointReader(ISecretReader secrets, ICredentialTemplates templates, AppTokens apps, IOptions<GitOptions> options)
{
    /// <summary>Keys tell connections apart without holding what they are made with.</summary>
    private readonly byte[] _keyOfKeys = RandomNumberGenerator.GetBytes(32);

    public async Task<RemoteEndpoint> ReadAsync(RepositoryAccess access, CancellationToken cancellationToken)
    {
        var url = RepositoryUrl.Parse(access.Url, options.Value.AllowFileUrls);
        if (url.IsFile) return new RemoteEndpoint { Url = url, Key = access.Url };
        try
        {
            var filled = await FillAsync(access, cancellationToken);
            return url.IsSsh ? await ReadSshAsync(url, filled, cancellationToken) : await ReadHttpAsync(url, filled, cancellationToken);
        }
        catch (SecretException missing)
        {
            throw new GitException(GitErrorKind.SecretMissing, missing.Message, missing);
        }
    }

    private async Task<RepositoryAccess> FillAsync(RepositoryAccess access, CancellationToken cancellationToken)
    {
        if (access is { Credentials: not null, CaFrom: not null, Proxy: not null }) return access;
        if (await templates.FindAsync(access.Url, cancellationToken) is not { } template) return access;
        return access with
        {
            Credentials = access.Credentials ?? template.Credentials,
            CaFrom = access.CaFrom ?? template.CaFrom,
            Proxy = access.Proxy ?? template.Proxy,
        };
    }

    private async Task<RemoteEndpoint> ReadSshAsync(GitUrl url, RepositoryAccess access, CancellationToken cancellationToken)
    {
        if (access.Credentials is not { SshKeyFrom: { } key, KnownHostsFrom: { } hosts })
            throw new GitException(GitErrorKind.SecretMissing, "ssh needs a key and known hosts: give sshKeyFrom and knownHostsFrom, in the Repository or in RepositoryCredentials");
        return new RemoteEndpoint
        {
            Url = url,
            Key = $"{access.Url}\n{IdentityOf(access.Credentials)}",
            Ssh = new SshIdentity(
                await ReadAsync(key, SecretPurpose.SshKey, access.Url, cancellationToken),
                await ReadAsync(hosts, SecretPurpose.KnownHosts, access.Url, cancellationToken)),
        };
    }

    private async Task<RemoteEndpoint> ReadHttpAsync(GitUrl url, RepositoryAccess access, CancellationToken cancellationToken)
    {
        if (access.Credentials is { SshKeyFrom: not null }) throw new GitException(GitErrorKind.NotAllowed, "an ssh key can't be used with an http URL");
        var connection = await ReadConnectionAsync(access, cancellationToken);
        var (authorization, refused) = await AuthorizeAsync(url, access, connection, cancellationToken);
        return new RemoteEndpoint
        {
            Url = url,
            Key = $"{access.Url}\n{connection.Key}",
            Http = new HttpAccess { Url = new Uri(access.Url), Authorization = authorization, Connection = connection, Refused = refused },
        };
    }

    private async Task<ConnectionSetup> ReadConnectionAsync(RepositoryAccess access, CancellationToken cancellationToken)
    {
        var ca = access.CaFrom is { } authority ? await ReadAsync(authority, SecretPurpose.Ca, access.Url, cancellationToken) : null;
        var certificate = access.Credentials?.ClientCertificateFrom is { } client ? await ReadAsync(client, SecretPurpose.ClientCertificate, access.Url, cancellationToken) : null;
        var password = access.Proxy?.PasswordFrom is { } proxy ? await ReadAsync(proxy, SecretPurpose.ProxyPassword, access.Url, cancellationToken) : null;
        string?[] parts =
        [
            access.Credentials is null ? null : IdentityOf(access.Credentials), ca?.Value, certificate?.Value,
            access.Proxy?.Url, access.Proxy is null ? null : string.Join(',', access.Proxy.NoProxy), access.Proxy?.Username, password?.Value,
        ];
        var whole = Encoding.UTF8.GetBytes(string.Concat(parts.Select(part => $"{part?.Length ?? -1}:{part}")));
        return new ConnectionSetup(Convert.ToHexStringLower(HMACSHA256.HashData(_keyOfKeys, whole)))
        {
            Ca = ca, ClientCertificate = certificate, Proxy = access.Proxy, ProxyPassword = password,
        };
    }

    private async Task<(AuthenticationHeaderValue? Header, Action? Refused)> AuthorizeAsync(
        GitUrl url, RepositoryAccess access, ConnectionSetup connection, CancellationToken cancellationToken)
    {
        switch (access.Credentials)
        {
            case { PasswordFrom: { } from, Username: { } user }:
                return (Basic(user, (await ReadAsync(from, SecretPurpose.Password, access.Url, cancellationToken)).Value), null);
            case { TokenFrom: { } from, Username: { } user }:
                return (Basic(user, (await ReadAsync(from, SecretPurpose.Token, access.Url, cancellationToken)).Value), null);
            case { TokenFrom: { } from }:
                return (new AuthenticationHeaderValue("Bearer", TokenOf(await ReadAsync(from, SecretPurpose.Token, access.Url, cancellationToken))), null);
            case { GithubApp: { PrivateKeyFrom: { } from } app }:
                var key = await ReadAsync(from, SecretPurpose.AppKey, access.Url, cancellationToken);
                var installation = new AppInstallation(app.AppId, app.InstallationId, AppTokens.ApiOf(url, app), key, connection);
                var token = await apps.GetAsync(installation, cancellationToken);
                return (Basic("x-access-token", token), () => apps.Forget(installation, token));
            default:
                return (null, null);
        }
    }

    private async Task<NamedSecret> ReadAsync(SecretReference reference, SecretPurpose purpose, string url, CancellationToken cancellationToken) =>
        new(reference.Describe(), await secrets.ReadAsync(reference, purpose, url, cancellationToken));

    private static AuthenticationHeaderValue Basic(string user, string password) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));

    /// <summary>The header's own complaint would show the value.</summary>
    private static string TokenOf(NamedSecret token) => token.Value.All(letter => letter is > ' ' and < '\x7f')
        ? token.Value
        : throw new GitException(GitErrorKind.SecretMissing, $"the {token.Name} holds no token: blanks or other characters than ASCII are in it");

    private static string IdentityOf(CredentialsSpec credentials) => string.Join('\n',
        credentials.Username, credentials.PasswordFrom?.Describe(), credentials.TokenFrom?.Describe(), credentials.GithubApp?.AppId, credentials.GithubApp?.InstallationId,
        credentials.GithubApp?.PrivateKeyFrom?.Describe(), credentials.SshKeyFrom?.Describe(), credentials.KnownHostsFrom?.Describe(), credentials.ClientCertificateFrom?.Describe());
}
