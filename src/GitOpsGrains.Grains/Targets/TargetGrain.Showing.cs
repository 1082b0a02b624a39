using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Engine.Manifests;
using RefusalKind = GitOpsGrains.Abstractions.RefusalKind;

namespace GitOpsGrains.Grains.Targets;

/// <summary>The manifests that this target is to have, or had.</summary>
public sealed partial class TargetGrain
{
    private const int ShortestCommit = 7;
    private const int LongestCommit = 64;

    public async Task<ManifestsView> GetManifestsAsync(ManifestsQuery query, CancellationToken cancellationToken)
    {
        if (_state.State.Desired is not { } desired) throw new GrainRefusedException(RefusalKind.Conflict, $"cluster {_cluster} was given nothing yet");
        var (commit, digest, key, space) = query.Revision is { } revision ? FindSet(desired, revision) : SetOf(desired);
        var set = await LoadShownAsync(digest, key, cancellationToken);
        // What the target is to have it would render again by itself.
        if (set is null && digest == desired.SetDigest) set = await RenderShownAsync(desired, cancellationToken);
        if (set is null) throw new GrainRefusedException(RefusalKind.Conflict, $"the manifests of {commit} are not kept any more");
        string[] masked = [.. _options.Value.MaskedAnnotations];
        return await Task.Run(() => ManifestPages.Of(_cluster, commit, set, space, query, masked), cancellationToken);
    }

    private (string Commit, Digest Set, string? Key, string Namespace) SetOf(TargetDesired desired) =>
        (desired.Revision.Commit, desired.SetDigest, _state.State.ManifestKey, desired.Namespace);

    /// <summary>The newest set of a commit that was synced here.</summary>
    private (string Commit, Digest Set, string? Key, string Namespace) FindSet(TargetDesired desired, string revision)
    {
        if (revision.Length is < ShortestCommit or > LongestCommit || !revision.All(char.IsAsciiHexDigit))
            throw new GrainRefusedException(RefusalKind.Invalid, $"revision: not a commit of the history, or its first {ShortestCommit} digits or more");
        var known = new List<(string Commit, Digest Set, string? Key, string Namespace)> { SetOf(desired) };
        if (_state.State.LastGood is { } good) known.Add((good.Commit, good.SetDigest, good.ManifestKey, good.Namespace));
        known.AddRange(_state.State.Past.Select(past => (past.Commit, past.SetDigest, (string?)past.ManifestKey, past.Namespace)));
        var found = known.Where(item => IsMeant(item.Commit)).DistinctBy(item => item.Commit).ToArray();
        if (found.Length > 1) throw new GrainRefusedException(RefusalKind.Invalid, $"revision: {revision} is the beginning of several commits: {string.Join(", ", found.Select(item => item.Commit))}");
        if (found.Length == 1) return found[0];
        if (_past.Entries.FirstOrDefault(entry => IsMeant(entry.Revision)) is { } entry)
            throw new GrainRefusedException(RefusalKind.Conflict, $"the manifests of {entry.Revision} are not kept: only those of the last {PastSet.MaxKept} revisions that were synced wholly are");
        throw new GrainRefusedException(RefusalKind.NotFound, $"revision {revision} is none that {_project}/{_application} was synced to on cluster {_cluster}");

        bool IsMeant(string commit) => commit.StartsWith(revision, StringComparison.OrdinalIgnoreCase);
    }

    private async Task<ManifestSet?> LoadShownAsync(Digest digest, string? key, CancellationToken cancellationToken)
    {
        try
        {
            return await _sets.LoadAsync(digest, key, cancellationToken);
        }
        catch (InvalidDataException broken)
        {
            throw new GrainRefusedException(RefusalKind.Conflict, $"the stored manifests can't be read: {broken.Message}");
        }
    }

    private async Task<ManifestSet?> RenderShownAsync(TargetDesired desired, CancellationToken cancellationToken)
    {
        var subject = desired.ToSubject();
        var render = await GrainFactory.GetGrain<IRepositoryGrain>(subject.Home).RenderAgainAsync(subject, cancellationToken);
        if (render.SetDigest == desired.SetDigest) return await LoadShownAsync(desired.SetDigest, render.ManifestKey, cancellationToken);
        throw new GrainRefusedException(RefusalKind.Conflict, $"the manifests of {desired.Revision.Commit} are not at hand, and "
            + (render.IsSuccess || render.Conditions.Count == 0 ? "rendering again gave others" : $"can't be rendered again: {ConditionViews.Sentence(render.Conditions[0])}"));
    }
}
