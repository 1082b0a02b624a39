using GitOpsGrains.Abstractions.Applications;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Grains.Applications;

/// <summary>Answers from memory.</summary>
public sealed partial class ApplicationGrain
{
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
}
