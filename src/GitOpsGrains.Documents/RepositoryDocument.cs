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
    /// <summary>https, http, ssh (also as <c>user@host:path</c>) or file (an admin field); no password, query or fragment.</summary>
    public string Url { get; init; } = "";

    public PollSpec Poll { get; init; } = new();

    public CredentialsSpec? Credentials { get; init; }

    /// <summary>Certificates, PEM, that the server's certificate may be signed by.</summary>
    public SecretReference? CaFrom { get; init; }

    public ProxySpec? Proxy { get; init; }

    public RenderingSpec Rendering { get; init; } = new();

    /// <summary>Only the commits that are rendered are fetched, without the history before them (depth 1). Not for file URLs, nor with verification of all commits. Default: false.</summary>
    public bool Shallow { get; init; }

    /// <summary>Whether submodules are read. Default: they are not.</summary>
    public SubmodulesSpec? Submodules { get; init; }

    /// <summary>Webhooks that this repository's own secret vouches for. Default: only those of the installation.</summary>
    public WebhookSpec? Webhook { get; init; }

    /// <summary>Who must have signed what is rendered. Default: nobody.</summary>
    public VerificationSpec? Verification { get; init; }
}

/// <summary>What rendering from this repository may fetch from elsewhere: an administrator's decision.</summary>
public sealed record RenderingSpec : Extensible
{
    /// <summary>Admin field: kustomizations may name bases and files by http(s) URL. Default: false.</summary>
    public bool RemoteBases { get; init; }

    /// <summary>Admin field: dependencies of charts are fetched from their repositories and registries. Default: false.</summary>
    public bool ChartDependencies { get; init; }
}

/// <summary>Webhooks to <c>/webhooks/PROVIDER/REPOSITORY</c>.</summary>
public sealed record WebhookSpec : Extensible
{
    /// <summary>What they are signed with; at least 8 bytes.</summary>
    public SecretReference? SecretFrom { get; init; }
}

/// <summary>What is done with the submodules of a repository. Whoever may commit to it names their URLs, so where they may lead is said here.</summary>
public sealed record SubmodulesSpec : Extensible
{
    /// <summary>Those that a source needs are fetched at their recorded commits, with the credentials that RepositoryCredentials give for their own URLs. Default: false.</summary>
    public bool Fetch { get; init; }

    /// <summary>Where they may be beside the repository's own host, as <see cref="RepositoryCredentialsSpec.UrlPrefix"/>; at most 100. Ones of file are an admin field.</summary>
    public IReadOnlyList<string> UrlPrefixes { get; init; } = [];
}

public sealed record PollSpec : Extensible
{
    /// <summary>Time between two questions to the server. Default: 30s; 5s to 24h.</summary>
    [JsonConverter(typeof(DurationJsonConverter))]
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(30);
}
