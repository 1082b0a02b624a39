namespace GitOpsGrains.Documents;

/// <summary>
/// What is laid over a kustomization, with Argo CD's names. All of it becomes an overlay of its own; the kustomization in
/// Git is built as it is.
/// </summary>
public sealed record KustomizeSpec : Extensible
{
    public string NamePrefix { get; init; } = "";

    public string NameSuffix { get; init; } = "";

    /// <summary>Set on all objects; "" leaves them as they are.</summary>
    public string Namespace { get; init; } = "";

    /// <summary><c>[old=]new[:tag|@digest]</c>.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];

    public IReadOnlyList<KustomizeReplica> Replicas { get; init; } = [];

    public IReadOnlyDictionary<string, string> CommonLabels { get; init; } = new Dictionary<string, string>();

    /// <summary>Common labels do not go into selectors. Default: false.</summary>
    public bool LabelWithoutSelector { get; init; }

    /// <summary>With <see cref="LabelWithoutSelector"/>: common labels go into pod templates. Default: false.</summary>
    public bool LabelIncludeTemplates { get; init; }

    public IReadOnlyList<KustomizeLabels> Labels { get; init; } = [];

    public IReadOnlyDictionary<string, string> CommonAnnotations { get; init; } = new Dictionary<string, string>();

    /// <summary>Directories of components, relative to the source's path.</summary>
    public IReadOnlyList<string> Components { get; init; } = [];

    public IReadOnlyList<KustomizePatch> Patches { get; init; } = [];
}

/// <summary>The number of pods of one workload, by its name in the kustomization.</summary>
public sealed record KustomizeReplica : Extensible
{
    public string Name { get; init; } = "";
    public int Count { get; init; }
}

/// <summary>Labels with the places that they go to.</summary>
public sealed record KustomizeLabels : Extensible
{
    public IReadOnlyDictionary<string, string> Pairs { get; init; } = new Dictionary<string, string>();
    public bool IncludeSelectors { get; init; }
    public bool IncludeTemplates { get; init; }
}

/// <summary>A strategic merge patch or a JSON 6902 patch: its text, or a file relative to the source's path.</summary>
public sealed record KustomizePatch : Extensible
{
    public string Patch { get; init; } = "";
    public string Path { get; init; } = "";
    public KustomizeTarget? Target { get; init; }

    /// <summary>allowNameChange, allowKindChange.</summary>
    public IReadOnlyDictionary<string, bool> Options { get; init; } = new Dictionary<string, bool>();
}

/// <summary>Which objects a patch changes; "" matches all.</summary>
public sealed record KustomizeTarget : Extensible
{
    public string Group { get; init; } = "";
    public string Version { get; init; } = "";
    public string Kind { get; init; } = "";
    public string Name { get; init; } = "";
    public string Namespace { get; init; } = "";
    public string LabelSelector { get; init; } = "";
    public string AnnotationSelector { get; init; } = "";
}
