using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GitOpsGrains.Tls;

/// <summary>What the certificate of a peer must be. Pure.</summary>
internal static class PeerTrust
{
    /// <summary>Extended key usages of the two sides of a connection.</summary>
    public const string Server = "1.3.6.1.5.5.7.3.1", Client = "1.3.6.1.5.5.7.3.2";

    /// <summary>Why it is refused; null when it is not.</summary>
    /// <param name="sent">The chain that the peer sent, whose intermediate certificates are used.</param>
    public static string? Fault(X509Certificate2 certificate, X509Chain? sent, X509Certificate2Collection authorities, string usage)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(usage));
        chain.ChainPolicy.ExtraStore.AddRange(authorities);
        if (sent is not null)
            foreach (var element in sent.ChainElements) chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        if (chain.Build(certificate)) return null;
        var flags = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, status) => all | status.Status);
        return $"its certificate {certificate.Subject} is {(flags.HasFlag(X509ChainStatusFlags.NotTimeValid) ? $"valid from {certificate.NotBefore:u} to {certificate.NotAfter:u}"
            : flags.HasFlag(X509ChainStatusFlags.NotValidForUsage) ? $"not for a {(usage == Server ? "server" : "client")}"
            : "not of an authority in CaFile")}";
    }
}
