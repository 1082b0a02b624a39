namespace GitOpsGrains.Documents;

/// <summary>
/// What repositories below a URL have in common: how to sign in, whom to trust, which proxy to use. The longest prefix wins,
/// and what a Repository says itself wins over it, field by field. Charts' dependencies are fetched by it as well.
/// </summary>
public sealed record RepositoryCredentialsDocument : Document
{
    public override string Kind => DocumentKinds.RepositoryCredentials;

    public RepositoryCredentialsSpec Spec { get; init; } = new();
}

public sealed record RepositoryCredentialsSpec : Extensible
{
    /// <summary>As in <c>https://git.example.com/team</c>, or <c>oci://registry.example.com/charts</c> for charts; ends where a part of the path ends (see <see cref="GitUrl.IsBelow"/>).</summary>
    public string UrlPrefix { get; init; } = "";

    public CredentialsSpec? Credentials { get; init; }

    /// <summary>Certificates, PEM, that the server's certificate may be signed by.</summary>
    public SecretReference? CaFrom { get; init; }

    public ProxySpec? Proxy { get; init; }
}
