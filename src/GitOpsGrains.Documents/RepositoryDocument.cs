using System.Text.Json.Serialization;
using GitOpsGrains.Documents.Json;

namespace GitOpsGrains.Documents;

/// <summary>A Git repository: where it is, how often it is asked, with which credentials.</summary>
public sealed record RepositoryDocument : Document
{
    public override string Kind => DocumentKinds.Repository;

    public RepositorySpec Spec { get; init; } = new();
}

public sealed record RepositorySpec : Extensible
{
    /// <summary>https, http or file (an admin field); no user info, query or fragment.</summary>
    public string Url { get; init; } = "";

    public PollSpec Poll { get; init; } = new();

    public CredentialsSpec? Credentials { get; init; }

    /// <summary>Certificates, PEM, that the server's certificate may be signed by.</summary>
    public SecretReference? CaFrom { get; init; }

    /// <summary>Who must have signed what is rendered. Default: nobody.</summary>
    public VerificationSpec? Verification { get; init; }
}

public sealed record PollSpec : Extensible
{
    /// <summary>Time between two questions to the server. Default: 30s; 5s to 24h.</summary>
    [JsonConverter(typeof(DurationJsonConverter))]
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>One way to sign in: user name and password, a token, an ssh key with known hosts, or a client certificate.</summary>
public sealed record CredentialsSpec : Extensible
{
    public string? Username { get; init; }
    public SecretReference? PasswordFrom { get; init; }
    public SecretReference? TokenFrom { get; init; }
    public SecretReference? SshKeyFrom { get; init; }
    public SecretReference? KnownHostsFrom { get; init; }
    public SecretReference? ClientCertificateFrom { get; init; }
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
}
