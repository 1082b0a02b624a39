namespace GitOpsGrains.Engine.Diff;

/// <summary>Why an object must be looked at. It says that something changed, not that something is wrong.</summary>
public enum ProofQuestion
{
    /// <summary>The proof holds: in sync, nothing to ask.</summary>
    None,
    /// <summary>There is no proof yet.</summary>
    Unproven,
    Recreated,
    Deleting,
    /// <summary>Our field ownership is gone or changed.</summary>
    EntryChanged,
    /// <summary>A label or annotation of ours has another value.</summary>
    MetadataChanged,
    ContentChanged,
    GenerationChanged,
    VersionChanged,
}

/// <summary>Holds a stored proof against what a watch shows. Never asks a server.</summary>
public static class ProofCheck
{
    /// <summary>
    /// None: in sync. Anything else is a question for one GET. Only valid while the watch is live, and for
    /// observations that are not older than the proof.
    /// </summary>
    public static ProofQuestion Compare(ObjectProof? stored, ObservedObject observed)
    {
        if (stored is null) return ProofQuestion.Unproven;
        if (!observed.HasUid(stored.Uid)) return ProofQuestion.Recreated;
        if (observed.IsDeleting) return ProofQuestion.Deleting;
        if (stored.Entry?.Value != observed.Entry) return ProofQuestion.EntryChanged;
        if (stored.OwnedMetadata?.Value != observed.OwnedMetadata) return ProofQuestion.MetadataChanged;
        if (stored.IsOfVersion) return stored.ResourceVersion == observed.ResourceVersion ? ProofQuestion.None : ProofQuestion.VersionChanged;
        if (observed.IsFull && stored.Content is { } content && stored.ApiVersion == observed.ApiVersion)
            return content.Value == observed.Content ? ProofQuestion.None : ProofQuestion.ContentChanged;
        if (observed.Generation is { } generation)
            return stored.Generation == generation ? ProofQuestion.None : ProofQuestion.GenerationChanged;
        return stored.ResourceVersion == observed.ResourceVersion ? ProofQuestion.None : ProofQuestion.VersionChanged;
    }
}
