using System.Security.Cryptography.X509Certificates;

namespace GitOpsGrains.Adapters.Trust;

/// <summary>
/// Trust in authorities of one's own instead of the machine's. A policy for <c>CertificateChainPolicy</c>, never a callback: host
/// names are verified all the same.
/// </summary>
public static class PrivateAuthorities
{
    public static X509ChainPolicy PolicyOf(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            // The intermediate certificates come with the handshake: nothing is fetched from addresses that a certificate names.
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }
}
