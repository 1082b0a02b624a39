using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Adapters.Trust;

namespace GitOpsGrains.Git.Credentials;

/// <summary>
/// Whom a connection trusts and what it shows for itself. A private authority is given as a chain policy, never as a callback:
/// host names are verified all the same.
/// </summary>
internal static class TlsSetup
{
    /// <summary>Errors: <see cref="GitErrorKind.SecretMissing"/> for PEM that is none.</summary>
    public static SslClientAuthenticationOptions Of(ConnectionSetup setup)
    {
        var options = new SslClientAuthenticationOptions();
        if (setup.Ca is { } ca) options.CertificateChainPolicy = PrivateAuthorities.PolicyOf(ReadAuthorities(ca));
        if (setup.ClientCertificate is { } client) options.ClientCertificateContext = ReadClient(client);
        return options;
    }

    private static X509Certificate2Collection ReadAuthorities(NamedSecret ca)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPem(ca.Value);
        }
        catch (CryptographicException failure)
        {
            throw Unusable(ca, "certificates in PEM form", failure);
        }
        return authorities.Count > 0 ? authorities : throw Unusable(ca, "certificates in PEM form", null);
    }

    private static SslStreamCertificateContext ReadClient(NamedSecret client)
    {
        try
        {
            var certificate = X509Certificate2.CreateFromPem(client.Value, client.Value);
            var all = new X509Certificate2Collection();
            all.ImportFromPem(client.Value);
            return SslStreamCertificateContext.Create(certificate, all, offline: true);
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            // The failure's own text is left out: it comes from code that has seen the key.
            throw Unusable(client, "a certificate and its key in PEM form without passphrase", null);
        }
    }

    private static GitException Unusable(NamedSecret secret, string what, Exception? inner) =>
        new(GitErrorKind.SecretMissing, $"the {secret.Name} does not hold {what}", inner);
}
