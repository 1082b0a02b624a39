using System.Security.Cryptography.X509Certificates;

namespace GitOpsGrains.Kubernetes.Connections.Credentials;

/// <summary>A token in a file that somebody else renews (a pod's service account): read again each minute, and when refused.</summary>
internal sealed class TokenFileCredentials(string path, X509Certificate2? certificate, TimeProvider time) : ICredentialSource
{
    private const int MaxBytes = 64 * 1024;

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private Credential? _credential;
    private string _token = "";
    private long _readAt;

    public X509Certificate2? Certificate => certificate;

    public async ValueTask<Credential> GetAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_credential is not null && time.GetElapsedTime(_readAt) < Lifetime) return _credential;
        }

        var token = await ReadAsync(cancellationToken);
        lock (_gate)
        {
            _readAt = time.GetTimestamp();
            if (_credential is not null && _token == token) return _credential;
            _credential = Credential.Token(token, $"the token file {path}", certificate);
            _token = token;
            return _credential;
        }
    }

    public bool Renew(Credential refused)
    {
        lock (_gate)
        {
            // Another request may have read a newer token already.
            if (!ReferenceEquals(_credential, refused)) return true;
            _credential = null;
            return true;
        }
    }

    public void Dispose() => certificate?.Dispose();

    private async Task<string> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (new FileInfo(path).Length > MaxBytes) throw new CredentialException($"the token file {path} is larger than {MaxBytes} bytes");
            return await File.ReadAllTextAsync(path, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CredentialException($"the token file {path} can't be read: {exception.Message}", exception);
        }
    }
}
