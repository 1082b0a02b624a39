using System.Text.Json.Serialization;
using GitOpsGrains.Documents;

namespace GitOpsGrains.Abstractions.Repositories;

/// <summary>The sources of an application, each at a fixed commit: what is rendered together to one set of manifests.</summary>
[GenerateSerializer, Immutable, Alias("gog.RenderSubject")]
public sealed record RenderSubject
{
    /// <summary>In the document's order.</summary>
    [Id(0)] public IReadOnlyList<PinnedSource> Sources { get; init; } = [];
    [Id(1)] public RenderScope Scope { get; init; } = new();

    /// <summary>The repository whose grain renders it: that of the first source that is rendered at all.</summary>
    [JsonIgnore] public string Home => (Sources.FirstOrDefault(source => source.Source.IsRendered) ?? Sources[0]).Source.Repository;

    [JsonIgnore] public IEnumerable<string> Repositories => Sources.Select(source => source.Source.Repository).Distinct(StringComparer.Ordinal);

    public static RenderSubject Of(SourceSpec source, string commit, RenderScope scope) =>
        new() { Sources = [new PinnedSource { Source = source, Commit = commit }], Scope = scope };
}

[GenerateSerializer, Immutable, Alias("gog.PinnedSource")]
public sealed record PinnedSource
{
    [Id(0)] public SourceSpec Source { get; init; } = new();
    /// <summary>40 or 64 hexadecimal digits.</summary>
    [Id(1)] public string Commit { get; init; } = "";
}

/// <summary>A source with the commit that its ref led to.</summary>
[GenerateSerializer, Immutable, Alias("gog.SourceRevision")]
public sealed record SourceRevision
{
    [Id(0)] public SourceSpec Source { get; init; } = new();
    [Id(1)] public Revision Revision { get; init; } = new();
}
