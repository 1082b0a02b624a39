using System.Security.Cryptography.X509Certificates;
using GitOpsGrains.Kubernetes.Connections.Credentials;

namespace GitOpsGrains.Kubernetes.Connections;

/// <summary>Where a cluster's API is and how to speak to it: what a kubeconfig context, or a pod's service account, comes to.</summary>
internal sealed record ClusterEndpoint(Uri Server, ICredentialSource Credentials) : IDisposable
{
    /// <summary>The authorities that may vouch for the server; null for those of the machine.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>The kubeconfig says insecure-skip-tls-verify.</summary>
    public bool SkipsVerification { get; init; }

    /// <summary>The name that the server's certificate must have, if it is not the address's.</summary>
    public string? TlsServerName { get; init; }

    public Uri? Proxy { get; init; }

    /// <summary>Headers that make the server act as another user.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Impersonation { get; init; } = [];

    /// <summary>What an administrator should know about this access.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>The server's address without a slash at its end; it may have a path (a proxy of many clusters).</summary>
    public string Address { get; } = Server.GetLeftPart(UriPartial.Path).TrimEnd('/');

    public void Dispose()
    {
        Credentials.Dispose();
        foreach (var authority in Authorities ?? []) authority.Dispose();
    }
}
