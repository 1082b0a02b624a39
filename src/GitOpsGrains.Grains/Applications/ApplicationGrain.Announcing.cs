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
        var now = Document is null ? [] : Describe().ToDictionary(change => change.Cluster ?? "", StringComparer.Ordinal);
        foreach (var (slot, gone) in _told.Where(told => !now.ContainsKey(told.Key)).ToArray())
        {
            _told.Remove(slot);
            Tell(gone with { Deleted = true });
        }
        foreach (var (slot, change) in now)
        {
            if (_told.GetValueOrDefault(slot) == change) continue;
            _told[slot] = change;
            Tell(change);
        }
    }

    private IEnumerable<WatchEventView> Describe()
    {
        var (project, name) = GrainKeys.ParseApplication(Key);
        var status = ApplicationViews.Of(_state.State, _summaries, _conditions, _waiting).Status;
        yield return new WatchEventView
        {
            Kind = "Application", Project = project, Name = name,
            Sync = status.Sync, Health = status.Health, Revision = status.Revision, Message = status.Message,
        };
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
