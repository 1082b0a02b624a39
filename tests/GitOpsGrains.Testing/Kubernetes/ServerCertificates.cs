using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GitOpsGrains.Testing.Kubernetes;

/// <summary>
/// A certificate authority with a server certificate for 127.0.0.1 and "kubernetes.test" (and, to see names refused, not
/// for "localhost"), client certificates, and the service accounts' key; all as PEM files.
/// </summary>
public sealed class ServerCertificates : IDisposable
{
    public const string ServerName = "kubernetes.test";

    private readonly string _folder;
    private X509Certificate2 _authority;

    public ServerCertificates(string folder)
    {
        _folder = folder;
        _authority = NewAuthority();
        IssueServer();
        using var accounts = RSA.Create(2048);
        File.WriteAllText(AccountKeyFile, accounts.ExportRSAPrivateKeyPem());
    }

    public string CaFile => Path.Combine(_folder, "ca.crt");
    public string ServerCertificateFile => Path.Combine(_folder, "server.crt");
    public string ServerKeyFile => Path.Combine(_folder, "server.key");
    public string AccountKeyFile => Path.Combine(_folder, "accounts.key");

    private static DateTimeOffset Start => DateTimeOffset.UtcNow.AddHours(-1);
    private static DateTimeOffset End => DateTimeOffset.UtcNow.AddDays(7);

    /// <summary>The certificate and key files of a user (CN) in a group (O).</summary>
    public (string CertificateFile, string KeyFile) IssueClient(string user, string group)
    {
        Issue(user, $"CN={user}, O={group}", null);
        return (Path.Combine(_folder, user + ".crt"), Path.Combine(_folder, user + ".key"));
    }

    /// <summary>A new key and certificate of the server, by the same authority.</summary>
    public void IssueServer()
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName(ServerName);
        Issue("server", "CN=kube-apiserver", names);
    }

    /// <summary>Another authority under the same name, with a certificate of the server by it. <see cref="CaFile"/> holds the new one.</summary>
    public void ReplaceAuthority()
    {
        _authority.Dispose();
        _authority = NewAuthority();
        IssueServer();
    }

    public void Dispose() => _authority.Dispose();

    private X509Certificate2 NewAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=gitopsgrains-test-ca", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var authority = request.CreateSelfSigned(Start, End);
        File.WriteAllText(CaFile, authority.ExportCertificatePem());
        return authority;
    }

    private void Issue(string file, string subject, SubjectAlternativeNameBuilder? names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        var purpose = names is null ? "1.3.6.1.5.5.7.3.2" : "1.3.6.1.5.5.7.3.1";
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], false));
        if (names is not null) request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(_authority, Start, End.AddHours(-1), RandomNumberGenerator.GetBytes(12));
        File.WriteAllText(Path.Combine(_folder, file + ".crt"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_folder, file + ".key"), key.ExportPkcs8PrivateKeyPem());
    }
}
