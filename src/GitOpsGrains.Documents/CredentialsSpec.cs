namespace GitOpsGrains.Documents;

/// <summary>
/// How to sign in: user name and password, a token, a GitHub App or an ssh key with known hosts; a client certificate alone or
/// beside one of the first three.
/// </summary>
public sealed record CredentialsSpec : Extensible
{
    /// <summary>With <see cref="PasswordFrom"/> required; with <see cref="TokenFrom"/> the token is sent as this user's password (Basic), else as Bearer.</summary>
    public string? Username { get; init; }

    public SecretReference? PasswordFrom { get; init; }

    public SecretReference? TokenFrom { get; init; }

    public GitHubAppSpec? GithubApp { get; init; }

    /// <summary>A private key of OpenSSH or PEM without passphrase; <see cref="KnownHostsFrom"/> is required with it.</summary>
    public SecretReference? SshKeyFrom { get; init; }

    /// <summary>Lines of OpenSSH's known_hosts. A host that they do not name is refused.</summary>
    public SecretReference? KnownHostsFrom { get; init; }

    /// <summary>PEM: the certificate, those between it and its authority, and its key without passphrase.</summary>
    public SecretReference? ClientCertificateFrom { get; init; }
}

/// <summary>A GitHub App that is installed where the repository is: tokens of an hour are asked for as they are needed.</summary>
public sealed record GitHubAppSpec : Extensible
{
    /// <summary>The App's id or client id.</summary>
    public string AppId { get; init; } = "";

    public string InstallationId { get; init; } = "";

    /// <summary>The App's RSA private key, PEM.</summary>
    public SecretReference? PrivateKeyFrom { get; init; }

    /// <summary>Admin field. Default: <c>https://api.github.com</c> for github.com, <c>https://HOST/api/v3</c> for others.</summary>
    public string? ApiUrl { get; init; }
}

/// <summary>Where a secret is; never the secret. Exactly one of the members is set.</summary>
public sealed record SecretReference : Extensible
{
    /// <summary>Admin field: an absolute path below one of the allowed directories.</summary>
    public string? File { get; init; }

    /// <summary>Admin field: an environment variable of the server, its name begins with GITOPSGRAINS_SECRET_.</summary>
    public string? Env { get; init; }

    /// <summary>The name of a stored credential.</summary>
    public string? Stored { get; init; }

    /// <summary>As people read it: "file /etc/x", "variable X", "stored credential x".</summary>
    public string Describe() =>
        File is not null ? $"file {File}" : Env is not null ? $"variable {Env}" : Stored is not null ? $"stored credential {Stored}" : "empty reference";
}

/// <summary>Admin field: the HTTP proxy that requests to the Git server, and to a GitHub App's API, go through.</summary>
public sealed record ProxySpec : Extensible
{
    /// <summary>http or https, without user info, path, query and fragment.</summary>
    public string Url { get; init; } = "";

    /// <summary>Hosts that are reached directly: names, with a leading "." or "*." those below a name as well; at most 100.</summary>
    public IReadOnlyList<string> NoProxy { get; init; } = [];

    public string? Username { get; init; }

    public SecretReference? PasswordFrom { get; init; }
}
