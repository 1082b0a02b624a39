using System.Text.Json;

namespace GitOpsGrains.Documents;

/// <summary>
/// How a chart is rendered, with Argo CD's names. Later ones win: <see cref="ValueFiles"/>, <see cref="Values"/>,
/// <see cref="ValuesObject"/>, <see cref="Parameters"/> and <see cref="FileParameters"/>.
/// </summary>
public sealed record HelmSpec : Extensible
{
    /// <summary>At most 53 characters. Default: the application's name.</summary>
    public string ReleaseName { get; init; } = "";

    /// <summary>Default: the destination's namespace.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>
    /// Relative to the source's path, or to the repository's root with a leading '/', or <c>$name/path</c> in another source.
    /// "*" and "**" make it a pattern; its files come in ordinal order.
    /// </summary>
    public IReadOnlyList<string> ValueFiles { get; init; } = [];

    /// <summary>Values files that do not exist are left out. Default: false, they are faults.</summary>
    public bool IgnoreMissingValueFiles { get; init; }

    /// <summary>YAML.</summary>
    public string Values { get; init; } = "";

    public JsonElement? ValuesObject { get; init; }

    public IReadOnlyList<HelmParameter> Parameters { get; init; } = [];

    /// <summary>Values that are the contents of files, found as <see cref="ValueFiles"/> are.</summary>
    public IReadOnlyList<HelmFileParameter> FileParameters { get; init; } = [];

    /// <summary>Default: false, the chart's CRDs are applied.</summary>
    public bool SkipCrds { get; init; }

    /// <summary>Leaves out the chart's test hooks. Default: false.</summary>
    public bool SkipTests { get; init; }

    /// <summary>Default: false.</summary>
    public bool SkipSchemaValidation { get; init; }

    /// <summary>What the chart sees as the cluster's version. Default: the target cluster's.</summary>
    public string KubeVersion { get; init; } = "";

    /// <summary>What the chart sees as served by the cluster ("group/version" or "group/version/Kind"). Default: the target cluster's.</summary>
    public IReadOnlyList<string> ApiVersions { get; init; } = [];
}

public sealed record HelmParameter : Extensible
{
    /// <summary>A path in helm's form: <c>image.tag</c>, <c>list[0].name</c>.</summary>
    public string Name { get; init; } = "";
    public string Value { get; init; } = "";

    /// <summary>The value stays a string, whatever it looks like. Default: false.</summary>
    public bool ForceString { get; init; }
}

public sealed record HelmFileParameter : Extensible
{
    public string Name { get; init; } = "";
    public string Path { get; init; } = "";
}
