using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;

namespace GitOpsGrains.Tls;

/// <summary>The settings <c>Silo:Tls:…</c> of a silo, or <c>Gateway:Tls:…</c> of a gateway: PEM files, which are read again when they change.</summary>
public sealed record PeerTlsSettings
{
    /// <summary>Of this process. Setting: <c>CertificateFile</c>.</summary>
    public required string CertificateFile { get; init; }

    /// <summary>Not encrypted. Setting: <c>KeyFile</c>.</summary>
    public required string KeyFile { get; init; }

    /// <summary>The authorities whose certificates are let in, and the intermediate ones below them. Setting: <c>CaFile</c>.</summary>
    public required string CaFile { get; init; }

    /// <summary>Null settings without a fault: no TLS.</summary>
    /// <param name="section">"Silo:Tls" or "Gateway:Tls".</param>
    public static bool TryRead(IConfiguration configuration, string section, TimeProvider time, out PeerTlsSettings? settings, [NotNullWhen(false)] out string? fault)
    {
        (settings, fault) = (null, null);
        string[] names = ["CertificateFile", "KeyFile", "CaFile"];
        var files = names.Select(name => configuration[$"{section}:{name}"] ?? "").ToArray();
        if (files.All(file => file.Length == 0)) return true;
        if (files.Any(file => file.Length == 0))
        {
            fault = $"{section}: {string.Join(", ", names)} belong together; {names[Array.IndexOf(files, "")]} is missing";
            return false;
        }
        var read = new PeerTlsSettings { CertificateFile = Path.GetFullPath(files[0]), KeyFile = Path.GetFullPath(files[1]), CaFile = Path.GetFullPath(files[2]) };
        try
        {
            PeerIdentity.Load(read, time.GetUtcNow()).Dispose();
        }
        catch (PeerFilesException unusable)
        {
            fault = $"{section}:{unusable.Message}";
            return false;
        }
        settings = read;
        return true;
    }
}
