using GitOpsGrains.Abstractions.Ports.Secrets;
using GitOpsGrains.Documents;

namespace GitOpsGrains.Rendering.Helm;

/// <summary>
/// What RepositoryCredentials say of the URL that charts are fetched from. Never what the Repository says that names them: whoever
/// may commit to it chooses the URL, and would be a user of its credentials.
/// </summary>
internal sealed class ChartAccessReader(ISecretReader secrets, ICredentialTemplates templates)
{
    /// <summary>Errors: <see cref="SecretException"/>.</summary>
    /// <param name="text">A URL that <see cref="GitUrl.TryParseAny"/> reads.</param>
    public async Task<ChartAccess> ReadAsync(string text, CancellationToken cancellationToken)
    {
        if (!GitUrl.TryParseAny(text, out var url, out var fault)) throw new SecretException($"the URL of the charts {fault}");
        if (await templates.FindAsync(text, cancellationToken) is not { } found) return new ChartAccess { Url = url, Text = text };
        return new ChartAccess
        {
            Url = url,
            Text = text,
            Username = found.Credentials?.Username,
            Password = await PasswordAsync(found.Credentials, text, cancellationToken),
            Ca = await ReadAsync(found.CaFrom, SecretPurpose.Ca, text, cancellationToken),
            ClientCertificate = await ReadAsync(found.Credentials?.ClientCertificateFrom, SecretPurpose.ClientCertificate, text, cancellationToken),
            Proxy = found.Proxy,
            ProxyPassword = await ReadAsync(found.Proxy?.PasswordFrom, SecretPurpose.ProxyPassword, text, cancellationToken),
        };
    }

    private async Task<string?> PasswordAsync(CredentialsSpec? credentials, string text, CancellationToken cancellationToken) => credentials switch
    {
        { Username: not null, PasswordFrom: { } from } => await ReadAsync(from, SecretPurpose.Password, text, cancellationToken),
        { Username: not null, TokenFrom: { } from } => await ReadAsync(from, SecretPurpose.Token, text, cancellationToken),
        { TokenFrom: not null } or { GithubApp: not null } =>
            throw new SecretException("helm signs in with a username and a password or token only: RepositoryCredentials for this URL give something else"),
        _ => null,
    };

    private async Task<string?> ReadAsync(SecretReference? reference, SecretPurpose purpose, string url, CancellationToken cancellationToken) =>
        reference is null ? null : await secrets.ReadAsync(reference, purpose, url, cancellationToken);
}
