using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Testing.Processes;

/// <summary>A certificate authority of silos and gateways, with its files.</summary>
public sealed class PeerAuthority : IDisposable
{
    private readonly string _folder = TestFolder.New("authority");
    private readonly X509Certificate2 _authority;

    public PeerAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=peers", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-2), DateTimeOffset.UtcNow.AddDays(2));
        File.WriteAllText(CaFile, _authority.ExportCertificatePem());
    }

    public string CaFile => Path.Combine(_folder, "ca.crt");

    public string CertificateFile(string name) => Path.Combine(_folder, $"{name}.crt");

    public string KeyFile(string name) => Path.Combine(_folder, $"{name}.key");

    /// <summary>The settings of a peer with a certificate of its own: "Silo__Tls__CertificateFile", …</summary>
    /// <param name="section">"Silo" or "Gateway".</param>
    public Dictionary<string, string> Settings(string section, string name)
    {
        Issue(name, $"CN={name}");
        return new Dictionary<string, string>
        {
            [$"{section}__Tls__CertificateFile"] = CertificateFile(name),
            [$"{section}__Tls__KeyFile"] = KeyFile(name),
            [$"{section}__Tls__CaFile"] = CaFile,
        };
    }

    /// <summary>Writes a new certificate and key over the files of that name.</summary>
    public void Issue(string name, string subject, DateTimeOffset? until = null, DateTimeOffset? from = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(_authority, from ?? DateTimeOffset.UtcNow.AddHours(-1), until ?? DateTimeOffset.UtcNow.AddDays(1), RandomNumberGenerator.GetBytes(12));
        File.WriteAllText(KeyFile(name), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(CertificateFile(name), certificate.ExportCertificatePem());
    }

    public void Dispose() => _authority.Dispose();
}
