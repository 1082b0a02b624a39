namespace GitOpsGrains.Documents.Rest;

/// <summary>
/// Body of <c>PUT /api/v1/credentials/{name}</c>: all values of a stored credential, which no answer ever shows again. No record:
/// its text must not show them.
/// </summary>
public sealed class CredentialRequest
{
    /// <summary>The credential is used only for URLs below it; a whole URL binds it to one repository.</summary>
    public string? UrlPrefix { get; init; }

    public string? Password { get; init; }

    public string? Token { get; init; }

    /// <summary>An OpenSSH or PEM private key without passphrase.</summary>
    public string? SshKey { get; init; }

    /// <summary>Lines of OpenSSH's known_hosts.</summary>
    public string? KnownHosts { get; init; }

    /// <summary>PEM: certificate and key.</summary>
    public string? ClientCertificate { get; init; }

    /// <summary>PEM certificates.</summary>
    public string? Ca { get; init; }

    /// <summary>The RSA private key of a GitHub App, PEM.</summary>
    public string? AppKey { get; init; }

    public string? ProxyPassword { get; init; }

    /// <summary>What the webhooks of a repository below <see cref="UrlPrefix"/> are signed with; at least 8 bytes.</summary>
    public string? Webhook { get; init; }

    /// <summary>Public keys that a repository's verification trusts: armored OpenPGP blocks, or lines as in id_ed25519.pub.</summary>
    public string? SigningKey { get; init; }

    /// <summary>A kubeconfig; <see cref="UrlPrefix"/> is then that of the API server.</summary>
    public string? Kubeconfig { get; init; }
}
