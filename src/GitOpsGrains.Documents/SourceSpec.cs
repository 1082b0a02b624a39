using System.Text.Json.Serialization;

namespace GitOpsGrains.Documents;

/// <summary>A repository, a ref of it, a path in it, and how that path is rendered.</summary>
public sealed record SourceSpec : Extensible
{
    /// <summary>Name of a Repository document.</summary>
    public string Repository { get; init; } = "";

    /// <summary>
    /// Branch, tag, full ref name, commit id (whole, or its first 7 digits or more) or a range of versions
    /// (<see cref="VersionRange"/>) that chooses the highest tag in it. Default: HEAD.
    /// </summary>
    public string Ref { get; init; } = "HEAD";

    /// <summary>What stands before the version in the tags that a range chooses from ("podinfo/" of "podinfo/v1.2.3"). Default: "".</summary>
    public string TagPrefix { get; init; } = "";

    /// <summary>
    /// '/' separated, relative to the repository's root; "" or "." is the root. A source with a <see cref="Name"/> and ""
    /// is only read by others.
    /// </summary>
    public string Path { get; init; } = "";

    /// <summary>
    /// What values files of the other sources call this one: <c>$name/path</c>. Letters, digits, '-' and '_'. Default: "", it
    /// is rendered and nobody else reads it.
    /// </summary>
    public string Name { get; init; } = "";

    public DirectorySpec? Directory { get; init; }

    public KustomizeSpec? Kustomize { get; init; }

    public HelmSpec? Helm { get; init; }

    /// <summary>Variables in the rendered objects; null: "${" has no meaning.</summary>
    public SubstituteSpec? Substitute { get; init; }

    /// <summary>False: it holds only files for other sources.</summary>
    [JsonIgnore]
    public bool IsRendered => Name.Length == 0 || Path.Length > 0;
}

/// <summary>
/// Substitution in the Flux manner: <c>${VAR}</c>, <c>${VAR:=default}</c>, <c>${VAR:-default}</c>, <c>${VAR:?error}</c>, and
/// <c>$${VAR}</c> for the text itself. A variable that is not set and has no default is a fault.
/// </summary>
public sealed record SubstituteSpec : Extensible
{
    /// <summary>Default: true, as soon as <c>substitute</c> is given at all.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>
    /// Win over the cluster's labels of the same name, which win over the application's. CLUSTER_NAME is the cluster's name
    /// where nothing else is called so.
    /// </summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();
}

/// <summary>How a plain directory of YAML and JSON files is read.</summary>
public sealed record DirectorySpec : Extensible
{
    /// <summary>Default: false, only the files of the directory itself.</summary>
    public bool Recurse { get; init; }

    /// <summary>Glob over paths relative to the source's path ("*", "**", "?", "[a-z]", "{a,b}"); "" takes all YAML and JSON files.</summary>
    public string Include { get; init; } = "";

    /// <summary>Glob of files to leave out; wins over <see cref="Include"/>.</summary>
    public string Exclude { get; init; } = "";
}
