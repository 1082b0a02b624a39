namespace GitOpsGrains.Abstractions.Repositories;

/// <summary>What a render needs to know of the application and its target, beside the source.</summary>
[GenerateSerializer, Immutable, Alias("gog.RenderScope")]
public sealed record RenderScope
{
    /// <summary>The application's name, without its project.</summary>
    [Id(0)] public string Application { get; init; } = "";
    /// <summary>The destination's; "" when there is none.</summary>
    [Id(1)] public string Namespace { get; init; } = "";
    /// <summary>Of the target cluster ("v1.34.0"); "" when it is not known.</summary>
    [Id(2)] public string KubeVersion { get; init; } = "";
    /// <summary>What the target cluster serves: "group/version" and "group/version/Kind"; empty when it is not known.</summary>
    [Id(3)] public IReadOnlyList<string> ApiVersions { get; init; } = [];
    /// <summary>For substitution: labels of the application and its cluster whose keys are names of variables.</summary>
    [Id(4)] public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();
}
