using GitOpsGrains.Abstractions.Fleet;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Grains.Applications;

/// <summary>Tells those who wait here, and the fleet's feed, what is new: only what differs from what was told before.</summary>
public sealed partial class ApplicationGrain
{
    private readonly Dictionary<string, WatchEventView> _told = new(StringComparer.Ordinal);
    private FleetRow? _toldRow;

    private void Announce()
    {
        _changed.Raise();
        TellRow();
        WatchEventView[] now = Document is null ? [] : [.. Describe()];
        TellOfGone(now);
        foreach (var change in now)
        {
            var slot = SlotOf(change);
            if (_told.GetValueOrDefault(slot) == change) continue;
            _told[slot] = change;
            Tell(change);
        }
    }

    private void TellOfGone(WatchEventView[] now)
    {
        // Mostly none: then all that were told of are still there, each once.
        if (_told.Count == now.Count(change => _told.ContainsKey(SlotOf(change)))) return;
        var slots = now.Select(SlotOf).ToHashSet(StringComparer.Ordinal);
        foreach (var (slot, gone) in _told.Where(told => !slots.Contains(told.Key)).ToArray())
        {
            _told.Remove(slot);
            Tell(gone with { Deleted = true });
        }
    }

    private static string SlotOf(WatchEventView change) => change.Cluster ?? "";

    private IEnumerable<WatchEventView> Describe()
    {
        var (project, name) = GrainKeys.ParseApplication(Key);
        yield return ApplicationViews.EventOf(_state.State, _summaries, _conditions, _waiting) with { Project = project, Name = name };
        foreach (var summary in _state.State.Clusters.Where(cluster => _summaries.ContainsKey(cluster) || _waiting.ContainsKey(cluster)).Select(cluster => ApplicationViews.SummaryOf(_summaries, _waiting, cluster)))
            yield return new WatchEventView
            {
                Kind = "Target", Project = project, Name = name, Cluster = summary.Cluster,
                Sync = summary.Sync.ToString(), Health = summary.Health.ToString(), Revision = summary.Commit,
                Message = summary.Conditions.Count == 0 ? "" : ConditionViews.Sentence(summary.Conditions[0]),
            };
    }

    private void TellRow()
    {
        var row = RowOf();
        if (_toldRow is { } told && told.SameAs(row)) return;
        _news.Tell(_toldRow = row);
    }

    private void Tell(WatchEventView change) => _news.Tell(change with { Time = _time.GetUtcNow() });
}
