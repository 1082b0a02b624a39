using System.Security.Cryptography.X509Certificates;

namespace GitOpsGrains.Kubernetes.Connections.Credentials;

/// <summary>Credentials that stand in the kubeconfig: a token, a name and password, or a client certificate.</summary>
internal sealed class FixedCredentials(Credential credential) : ICredentialSource
{
    public X509Certificate2? Certificate => credential.Certificate;

    public ValueTask<Credential> GetAsync(CancellationToken cancellationToken) => ValueTask.FromResult(credential);

    public bool Renew(Credential refused) => false;

    public void Dispose() => credential.Certificate?.Dispose();
}
