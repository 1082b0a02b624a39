using System.Text.Json;

namespace GitOpsGrains.Documents;

/// <summary>A tenancy boundary: what the applications of a project may use.</summary>
public sealed record ProjectDocument : Document
{
    /// <summary>The project of applications that name none; it always exists.</summary>
    public const string Default = "default";

    public override string Kind => DocumentKinds.Project;

    public ProjectSpec Spec { get; init; } = new();
}

/// <summary>Every list holds patterns (<see cref="NamePattern"/>); the default <c>["*"]</c> allows all, an empty list nothing.</summary>
public sealed record ProjectSpec : Extensible
{
    public string? Description { get; init; }

    /// <summary>Names of Repository documents.</summary>
    public IReadOnlyList<string> Repositories { get; init; } = ["*"];

    /// <summary>Names of Cluster documents.</summary>
    public IReadOnlyList<string> Clusters { get; init; } = ["*"];

    /// <summary>Namespaces that objects may live in.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = ["*"];

    /// <summary>Kinds of objects, as "Kind" of the core group or "Kind.group".</summary>
    public IReadOnlyList<string> Kinds { get; init; } = ["*"];

    /// <summary>When applications of the project may be synced, and when not; at most 50. None: always.</summary>
    public IReadOnlyList<SyncWindowSpec> SyncWindows { get; init; } = [];

    public IReadOnlyList<JsonElement> Roles { get; init; } = [];
}
