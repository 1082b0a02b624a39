using GitOpsGrains.Abstractions;
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

    /// <summary>The older set that was shown last: its next page is asked for soon.</summary>
    private (string Key, WeakReference<ManifestSet> Set)? _shown;

    public async Task<ManifestsView> GetManifestsAsync(ManifestsQuery query, CancellationToken cancellationToken)
    {
        if (_state.State.Desired is not { } desired) throw new GrainRefusedException(RefusalKind.Conflict, $"cluster {_cluster} was given nothing yet");
        var (commit, set) = query.Revision is { } revision ? await FindSetAsync(desired, revision, cancellationToken) : (desired.Revision.Commit, await SetOfAsync(desired, cancellationToken));
        string[] masked = [.. _options.Value.MaskedAnnotations];
        return await Task.Run(() => ManifestPages.Of(_cluster, commit, set, desired.Namespace, query, masked), cancellationToken);
    }

    /// <summary>The newest set of a commit that was synced here.</summary>
    private async Task<(string Commit, ManifestSet Set)> FindSetAsync(TargetDesired desired, string revision, CancellationToken cancellationToken)
    {
        if (revision.Length is < ShortestCommit or > LongestCommit || !revision.All(char.IsAsciiHexDigit))
            throw new GrainRefusedException(RefusalKind.Invalid, $"revision: not a commit of the history, or its first {ShortestCommit} digits or more");
        var good = _state.State.LastGood;
        string?[] known = [desired.Revision.Commit, good?.Commit, .. _past.Sets.Select(past => past.Commit)];
        var found = known.OfType<string>().Where(IsMeant).Distinct(StringComparer.Ordinal).ToArray();
        if (found.Length > 1) throw new GrainRefusedException(RefusalKind.Invalid, $"revision: {revision} is the beginning of several commits: {string.Join(", ", found)}");
        if (found is not [var commit]) throw NotSynced(revision, _past.Entries.FirstOrDefault(entry => IsMeant(entry.Revision))?.Revision);
        if (commit == desired.Revision.Commit) return (commit, await SetOfAsync(desired, cancellationToken));
        var set = commit == good?.Commit
            ? await LoadShownAsync(() => _sets.LoadAsync(good.SetDigest, good.ManifestKey, cancellationToken))
            : await PastSetAsync(_past.Sets.First(past => past.Commit == commit).ManifestKey, cancellationToken);
        return (commit, set ?? throw new GrainRefusedException(RefusalKind.Conflict, $"the manifests of {commit} are not kept any more"));

        bool IsMeant(string other) => other.StartsWith(revision, StringComparison.OrdinalIgnoreCase);
    }

    /// <param name="inHistory">The commit, where a sync of it ended in another way or is long ago; else null.</param>
    private GrainRefusedException NotSynced(string revision, string? inHistory) => inHistory is null
        ? new GrainRefusedException(RefusalKind.NotFound, $"revision {revision} is none that {_project}/{_application} was synced to on cluster {_cluster}")
        : new GrainRefusedException(RefusalKind.Conflict, $"the manifests of {inHistory} are not kept: only those of the last {TargetHistory.MaxSets} revisions that were synced wholly are");

    /// <summary>What the target is to have. It is rendered again where the store has it no more, as the target would by itself.</summary>
    private async Task<ManifestSet> SetOfAsync(TargetDesired desired, CancellationToken cancellationToken)
    {
        RenderAnswer? render = null;
        var set = await LoadShownAsync(async () =>
        {
            (var found, render) = await LoadOrRenderAsync(desired.SetDigest, _state.State.ManifestKey, desired.ToSubject(), cancellationToken);
            return found;
        });
        if (set is not null) return set;
        throw new GrainRefusedException(RefusalKind.Conflict, $"the manifests of {desired.Revision.Commit} are not at hand, and "
            + (render!.IsSuccess || render.Conditions.Count == 0 ? "rendering again gave others" : $"can't be rendered again: {ConditionViews.Sentence(render.Conditions[0])}"));
    }

    private async Task<ManifestSet?> PastSetAsync(string key, CancellationToken cancellationToken)
    {
        if (_shown is { } shown && shown.Key == key && shown.Set.TryGetTarget(out var known)) return known;
        var set = await LoadShownAsync(() => _sets.ReadAsync(key, cancellationToken));
        _shown = set is null ? null : (key, new WeakReference<ManifestSet>(set));
        return set;
    }

    private static async Task<ManifestSet?> LoadShownAsync(Func<Task<ManifestSet?>> load)
    {
        try
        {
            return await load();
        }
        catch (InvalidDataException broken)
        {
            throw new GrainRefusedException(RefusalKind.Conflict, $"the stored manifests can't be read: {broken.Message}");
        }
    }
}
