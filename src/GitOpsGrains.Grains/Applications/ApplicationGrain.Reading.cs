using GitOpsGrains.Abstractions.Applications;
using GitOpsGrains.Abstractions.Fleet;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Grains.Applications;

/// <summary>Answers from memory.</summary>
public sealed partial class ApplicationGrain
{
    private long _rowVersion;

    public Task<IReadOnlyList<TargetView>> GetWaitingAsync() => Task.FromResult<IReadOnlyList<TargetView>>([.. _waiting.Select(item => new TargetView
    {
        Cluster = item.Key,
        Message = ConditionViews.Sentence(item.Value[0]),
        Conditions = ConditionViews.Of(item.Value),
    })]);

    public async Task<ApplicationView?> GetAsync()
    {
        if (Document is null) return null;
        if (_unread.Count > 0) await _pull.RunAsync(_stopping.Token);
        return ApplicationViews.Of(_state.State, _summaries, _conditions, _waiting);
    }

    public async Task<FleetRow?> GetRowAsync()
    {
        if (Document is null) return null;
        if (_unread.Count > 0) await _pull.RunAsync(_stopping.Token);
        // In the middle of a pass it is one that was never told: the next is told even if it is as the one that was.
        _toldRow = null;
        return RowOf();
    }

    public Task<IReadOnlyList<string>> GetClustersAsync() => Task.FromResult(AllClusters());

    /// <summary>Of its targets, also of those that are being let go.</summary>
    private IReadOnlyList<string> AllClusters() => [.. _state.State.Clusters.Union(_state.State.Leaving.Keys, StringComparer.Ordinal)];

    private FleetRow RowOf()
    {
        _rowVersion = Math.Max(_rowVersion + 1, _time.GetUtcNow().UtcTicks);
        if (Document is not { } document) return new FleetRow { Application = Key, Activation = _activation, Version = _rowVersion, Deleted = true };
        var (sync, health) = ApplicationViews.RollUp(_state.State, _summaries, _conditions, _waiting);
        return new FleetRow
        {
            Application = Key, Activation = _activation, Version = _rowVersion, Sync = sync, Health = health,
            Labels = document.Metadata.Labels, Clusters = AllClusters(),
        };
    }
}
