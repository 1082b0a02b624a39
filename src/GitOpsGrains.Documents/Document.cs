using System.Text.Json.Serialization;
using GitOpsGrains.Documents.Json;

namespace GitOpsGrains.Documents;

/// <summary>
/// A document of <see cref="V1"/>. As <see cref="Document"/> it is read and written by its kind; two documents are the
/// same when <see cref="DocumentJson.Same"/> says so (lists and maps in records compare by reference).
/// </summary>
[JsonConverter(typeof(DocumentJsonConverter))]
public abstract record Document : Extensible
{
    public const string V1 = "gitopsgrains.io/v1";

    [JsonPropertyOrder(-3)]
    public string ApiVersion { get; init; } = V1;

    /// <summary>One of <see cref="DocumentKinds"/>.</summary>
    [JsonPropertyOrder(-2)]
    public abstract string Kind { get; }

    [JsonPropertyOrder(-1)]
    public DocumentMetadata Metadata { get; init; } = new();
}

public sealed record DocumentMetadata : Extensible
{
    /// <summary>A DNS-1123 name of at most 63 characters; part of storage keys.</summary>
    public string Name { get; init; } = "";

    /// <summary>The name as people know it, where it is not in the key alphabet (an EKS ARN).</summary>
    public string? DisplayName { get; init; }

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();
}

/// <summary>The kinds of <see cref="Document.V1"/>.</summary>
public static class DocumentKinds
{
    public const string Repository = "Repository";
    public const string Cluster = "Cluster";
    public const string Project = "Project";
    public const string Application = "Application";

    public const string RepositoryCredentials = "RepositoryCredentials";

    public static IReadOnlyList<string> All { get; } = [Repository, Cluster, Project, Application, RepositoryCredentials];

    /// <summary>The record of a kind, or null when there is no such kind.</summary>
    public static Type? TypeOf(string? kind) => kind switch
    {
        Repository => typeof(RepositoryDocument),
        Cluster => typeof(ClusterDocument),
        Project => typeof(ProjectDocument),
        Application => typeof(ApplicationDocument),
        RepositoryCredentials => typeof(RepositoryCredentialsDocument),
        _ => null,
    };
}
