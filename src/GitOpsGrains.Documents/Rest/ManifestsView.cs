using System.Text.Json;

namespace GitOpsGrains.Documents.Rest;

/// <summary>One page of the manifests that a target is to have, in the order in which a sync applies them.</summary>
public sealed record ManifestsView
{
    public string Cluster { get; init; } = "";
    /// <summary>As <see cref="ApplicationStatusView.Revision"/>.</summary>
    public string Revision { get; init; } = "";
    public IReadOnlyList<ManifestView> Items { get; init; } = [];
    /// <summary>Pass it as <c>?continue=</c> for the next page; null on the last.</summary>
    public string? Continue { get; init; }
    /// <summary>Of all pages.</summary>
    public int Total { get; init; }
    /// <summary>Why these are not the manifests of the newest commit.</summary>
    public string? Note { get; init; }
}

/// <summary>One rendered object, as it comes out of Git: without our label and annotations.</summary>
public sealed record ManifestView
{
    /// <summary>group/Kind:namespace/name, the namespace as the manifest says it.</summary>
    public string Object { get; init; } = "";
    /// <summary>From the source's path.</summary>
    public string File { get; init; } = "";
    /// <summary>Index of the document in the file, from 0.</summary>
    public int Document { get; init; }
    /// <summary>Sync; of a hook the first of PreSync, Sync, PostSync, SyncFail, PreDelete and PostDelete that it runs in; Skip of what is never applied.</summary>
    public string Phase { get; init; } = "";
    public int Wave { get; init; }
    /// <summary>Values of Secrets are masked. Null when it is too large.</summary>
    public JsonElement? Manifest { get; init; }
    /// <summary>Why the manifest is not shown.</summary>
    public string? Omitted { get; init; }
}
