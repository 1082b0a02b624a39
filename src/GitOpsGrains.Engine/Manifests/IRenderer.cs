using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Documents;

namespace GitOpsGrains.Engine.Manifests;

/// <summary>
/// Turns a source at a commit into a manifest set. Pure in its inputs: the same tree and options give the same set.
/// Errors: <see cref="GitException"/> when the tree can't be read; faults of the manifests come in the result.
/// </summary>
public interface IRenderer
{
    /// <summary>
    /// The key of what <see cref="RenderAsync"/> would render: a hash of all inputs. Cheap to compute: of a plain directory no
    /// file is read, of a chart or a kustomization those that name others, once for each content.
    /// </summary>
    Task<RenderKey> KeyAsync(RenderRequest request, CancellationToken cancellationToken);

    Task<RenderResult> RenderAsync(RenderRequest request, CancellationToken cancellationToken);
}

/// <param name="Commit">40 or 64 hexadecimal digits.</param>
public sealed record RenderRequest(RepositoryAccess Repository, string Commit, SourceSpec Source, RenderLimits Limits)
{
    public RenderContext Context { get; init; } = RenderContext.None;
}

/// <summary>Sizes in bytes: of one file, of all files of one render.</summary>
public sealed record RenderLimits
{
    public static RenderLimits Default { get; } = new();

    /// <summary>Default: 10 MB.</summary>
    public long MaxFileBytes { get; init; } = 10 * 1024 * 1024;

    /// <summary>Default: 50 MB.</summary>
    public long MaxTotalBytes { get; init; } = 50 * 1024 * 1024;

    /// <summary>Default: 100,000 objects.</summary>
    public int MaxObjects { get; init; } = 100_000;

    /// <summary>Nodes that one document may have after its aliases are expanded. Default: 1,000,000.</summary>
    public int MaxNodes { get; init; } = 1_000_000;

    /// <summary>Nesting of one document. Default: 100.</summary>
    public int MaxDepth { get; init; } = 100;
}

/// <param name="Value">Hash of all inputs: the read set, renderer and its version, options, and of the context what the renderer uses.</param>
public sealed record RenderKey(string Value, ReadSet ReadSet)
{
    /// <summary>Whether the render may depend on <see cref="RenderContext.Capabilities"/>; if it does, its result says.</summary>
    public bool MayAskCluster { get; init; }
}

/// <summary>Either a set, or at least one fault; a set that comes with faults does not exist.</summary>
public sealed record RenderResult(RenderKey Key, ManifestSet? Set, IReadOnlyList<ManifestFault> Faults)
{
    /// <summary>The same inputs may give something else later: a tool that was killed, a server that did not answer.</summary>
    public bool IsTransient { get; init; }

    /// <summary>Whether it depends on <see cref="RenderContext.Capabilities"/>; null where nothing was run that could tell.</summary>
    public bool? AsksCluster { get; init; }

    /// <summary>
    /// The variables that stand in what was rendered; with the same inputs but for the variables they are the same ones.
    /// With faults those that were met; null where nothing was read.
    /// </summary>
    public IReadOnlySet<string>? Variables { get; init; }
}
