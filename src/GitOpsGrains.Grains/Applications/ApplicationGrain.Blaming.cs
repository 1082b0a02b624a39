using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Repositories;

namespace GitOpsGrains.Grains.Applications;

/// <summary>Where the objects come from.</summary>
public sealed partial class ApplicationGrain
{
    public async Task<BlameAnswer> BlameAsync(ObjectReference? only, string? cluster, int offset, int limit, CancellationToken cancellationToken)
    {
        RequireDocument();
        if (_state.State.Rendered is not { } rendered) throw new GrainRefusedException(RefusalKind.Conflict, $"application {Key} was never rendered");
        var subject = (cluster is null ? rendered : RenderedFor(cluster)).ToSubject();
        return await Repository(subject.Home).BlameAsync(new BlameOrder { Subject = subject, Object = only, Offset = offset, Limit = limit }, cancellationToken);
    }

    /// <summary>What a cluster was given last: while it waits for the newest commits, that of older ones.</summary>
    private RenderedState RenderedFor(string cluster)
    {
        RequireTarget(cluster);
        var rendered = _state.State.Earlier.GetValueOrDefault(cluster) ?? _state.State.Rendered!;
        if (rendered.SetOf(cluster) is not null) return rendered.For(cluster);
        var why = _waiting.TryGetValue(cluster, out var conditions) ? $": {ConditionViews.Sentence(conditions[0])}" : "";
        throw new GrainRefusedException(RefusalKind.Conflict, $"cluster {cluster} was given nothing yet{why}");
    }

    private void RequireTarget(string cluster)
    {
        if (!_state.State.Clusters.Contains(cluster)) throw new GrainRefusedException(RefusalKind.NotFound, $"application {Key} has no target on cluster {cluster}");
    }
}
