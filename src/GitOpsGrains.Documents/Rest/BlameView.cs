namespace GitOpsGrains.Documents.Rest;

/// <summary>Where one object of an application comes from: the file, and the commit that touched it last.</summary>
public sealed record BlameView
{
    /// <summary>group/Kind:namespace/name, the namespace as the manifest says it.</summary>
    public string Object { get; init; } = "";
    /// <summary>Name of the Repository document.</summary>
    public string Repository { get; init; } = "";
    /// <summary>From the repository's root. Of what a tool rendered from several files, the source's path.</summary>
    public string File { get; init; } = "";
    /// <summary>Index of the document in the file, from 0; null when the file is no manifest.</summary>
    public int? Document { get; init; }
    /// <summary>Null when the file was last touched further back than is looked.</summary>
    public CommitView? Commit { get; init; }
}
