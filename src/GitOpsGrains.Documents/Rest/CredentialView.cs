namespace GitOpsGrains.Documents.Rest;

/// <summary>What may be known of a stored credential.</summary>
public sealed record CredentialView
{
    public string Name { get; init; } = "";

    public string UrlPrefix { get; init; } = "";

    /// <summary>The names of the values that it has, as in <see cref="CredentialRequest"/>.</summary>
    public IReadOnlyList<string> Values { get; init; } = [];
}
