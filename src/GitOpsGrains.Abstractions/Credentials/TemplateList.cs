using GitOpsGrains.Documents;

namespace GitOpsGrains.Abstractions.Credentials;

/// <summary>All RepositoryCredentials at one moment. They hold references, no secrets.</summary>
[GenerateSerializer, Immutable, Alias("gog.TemplateList")]
public sealed record TemplateList
{
    /// <summary>Another one for other documents.</summary>
    [Id(0)] public string Version { get; init; } = "";

    [Id(1)] public IReadOnlyList<RepositoryCredentialsDocument> Documents { get; init; } = [];
}
