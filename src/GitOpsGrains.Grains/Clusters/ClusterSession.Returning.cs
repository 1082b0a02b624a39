using System.Collections.Concurrent;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Diff;

namespace GitOpsGrains.Grains.Clusters;

/// <summary>What a server has again that went back to an older state: nobody desires it, and somebody may have pruned it.</summary>
public sealed partial class ClusterSession
{
    private const int MaxUnclaimed = 10_000;

    private readonly ConcurrentDictionary<ResourceId, bool> _unclaimed = [];
    private bool _hasReturned;

    /// <summary>The open watches are not the first of this cluster: what happened before them nobody saw.</summary>
    private volatile bool _isSuccessor;

    /// <summary>
    /// Objects of this installation that appeared when the server went back to an older state, or may have, and that nobody desires:
    /// what was pruned since that state is there again.
    /// </summary>
    public IReadOnlyCollection<ResourceId> Unclaimed => _unclaimed.IsEmpty ? [] : [.. _unclaimed.Keys.Where(id => Claims.OwnerOf(id) is null)];

    /// <summary>A target has found it to be its own.</summary>
    public void FollowUnclaimed(ResourceId id, string target)
    {
        Follow(id, target);
        _unclaimed.TryRemove(id, out _);
    }

    private void NoteUnclaimed(ResourceId id)
    {
        if (Observe(id).Object is not { } observed) _unclaimed.TryRemove(id, out _);
        else if (_kinds.TryGetValue((id.Group, id.Kind), out var watches) && watches.HasGoneBack) NoteUnclaimed(id, observed);
    }

    private void NoteUnclaimed(ResourceId id, ObservedObject observed)
    {
        // Others must not fill the bound: no target takes back what is not of its installation.
        if (TrackingOwner.Parse(observed.Owner)?.Installation != _installation.Name || _unclaimed.Count >= MaxUnclaimed) return;
        if (_unclaimed.TryAdd(id, true)) Volatile.Write(ref _hasReturned, true);
    }

    /// <summary>
    /// The first lists of watches that follow others may show a server that went back in between. They are gone through when all targets
    /// have said what they desire: before that everything would look unclaimed.
    /// </summary>
    private void LookBack()
    {
        if (!_isSuccessor || Silent.Count > 0) return;
        foreach (var watches in _kinds.Values)
            foreach (var (id, observed) in watches.TakeListed())
                if (Claims.OwnerOf(id) is null && !_leaving.ContainsKey(id)) NoteUnclaimed(id, observed);
    }
}
