using System.Security.Cryptography.X509Certificates;

namespace GitOpsGrains.Kubernetes.Connections.Credentials;

/// <summary>Where a connection's credentials come from.</summary>
internal interface ICredentialSource : IDisposable
{
    /// <summary>The credentials for the next request. Errors: <see cref="CredentialException"/>.</summary>
    ValueTask<Credential> GetAsync(CancellationToken cancellationToken);

    /// <summary>The server refused these. True if other ones can be had: send again once.</summary>
    bool Renew(Credential refused);

    /// <summary>For the next TLS handshake; null for none.</summary>
    X509Certificate2? Certificate { get; }
}
