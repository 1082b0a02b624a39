using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GitOpsGrains.Tls;

/// <summary>What the three files said together. Immutable; replaced as a whole.</summary>
internal sealed class PeerIdentity : IDisposable
{
    private PeerIdentity(X509Certificate2 certificate, X509Certificate2Collection authorities, byte[] digest) =>
        (Certificate, Authorities, Digest) = (certificate, authorities, digest);

    /// <summary>With its key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>With the intermediate ones between them and the peers: those are not sent.</summary>
    public X509Certificate2Collection Authorities { get; }

    /// <summary>Of the files' content.</summary>
    public byte[] Digest { get; }

    /// <exception cref="PeerFilesException">They can't be used.</exception>
    public static PeerIdentity Load(PeerTlsSettings settings, DateTimeOffset now)
    {
        var (certificates, key, authorities) = (Read("CertificateFile", settings.CertificateFile), Read("KeyFile", settings.KeyFile), Read("CaFile", settings.CaFile));
        foreach (var certificate in Import("CertificateFile", settings.CertificateFile, certificates)) certificate.Dispose();
        var trusted = Import("CaFile", settings.CaFile, authorities);
        var own = WithKey(settings, certificates, key);
        if (now < own.NotBefore || now > own.NotAfter)
            throw new PeerFilesException($"CertificateFile: the certificate in '{settings.CertificateFile}' is valid from {own.NotBefore:u} to {own.NotAfter:u}");
        return new PeerIdentity(own, trusted, DigestOf(certificates, key, authorities));
    }

    /// <summary>Null when the files can't be read.</summary>
    public static byte[]? DigestOf(PeerTlsSettings settings)
    {
        try
        {
            return DigestOf(File.ReadAllText(settings.CertificateFile), File.ReadAllText(settings.KeyFile), File.ReadAllText(settings.CaFile));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        Certificate.Dispose();
        foreach (var certificate in Authorities) certificate.Dispose();
    }

    private static byte[] DigestOf(params string[] contents) => SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(string.Join('\0', contents)));

    private static string Read(string setting, string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new PeerFilesException($"{setting}: '{file}' can't be read");
        }
    }

    private static X509Certificate2Collection Import(string setting, string file, string pem)
    {
        var found = new X509Certificate2Collection();
        try
        {
            found.ImportFromPem(pem);
        }
        catch (CryptographicException)
        {
            found.Clear();
        }
        return found.Count > 0 ? found : throw new PeerFilesException($"{setting}: '{file}' holds no certificate in PEM form");
    }

    private static X509Certificate2 WithKey(PeerTlsSettings settings, string certificate, string key)
    {
        try
        {
            using var pem = X509Certificate2.CreateFromPem(certificate, key);
            // Some platforms can't use a key for TLS that was never in a store of theirs.
            return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        }
        catch (Exception wrong) when (wrong is CryptographicException or ArgumentException)
        {
            throw new PeerFilesException($"KeyFile: '{settings.KeyFile}' does not hold the key of the certificate in '{settings.CertificateFile}', in PEM form and not encrypted");
        }
    }
}
