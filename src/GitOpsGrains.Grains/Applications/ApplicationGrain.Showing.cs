using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Grains.Applications;

/// <summary>The manifests of its targets.</summary>
public sealed partial class ApplicationGrain
{
    private const int MaxClustersNamed = 5;

    public async Task<ManifestsView> GetManifestsAsync(string? cluster, ManifestsQuery query, CancellationToken cancellationToken)
    {
        RequireDocument();
        if (_state.State.Rendered is null)
            throw new GrainRefusedException(RefusalKind.Conflict, $"application {Key} was never rendered{(_conditions.Count > 0 ? $": {ConditionViews.Sentence(_conditions[0])}" : "")}");
        var chosen = cluster ?? AnyCluster();
        if (query.Revision is null) _ = RenderedFor(chosen);
        else RequireTarget(chosen);
        var view = await Target(chosen).GetManifestsAsync(query, cancellationToken);
        return query.Revision is null && MissingFrom(chosen) is { } missing ? view with { Note = $"newer commits may be missing: {missing}" } : view;
    }

    /// <summary>Whichever, where it makes no difference.</summary>
    private string AnyCluster()
    {
        var clusters = _state.State.Clusters;
        if (clusters.Count == 0) throw new GrainRefusedException(RefusalKind.Conflict, $"application {Key} has no target");
        if (clusters.Count == 1 || clusters.Select(SetDigestOf).Distinct().Count() == 1) return clusters[0];
        var named = clusters.Order(StringComparer.Ordinal).Take(MaxClustersNamed);
        throw new GrainRefusedException(RefusalKind.Invalid,
            $"cluster: needed, as the clusters have different manifests: {string.Join(", ", named)}{(clusters.Count > MaxClustersNamed ? $" and {clusters.Count - MaxClustersNamed} more" : "")}");
    }

    private Abstractions.Identity.Digest? SetDigestOf(string cluster) => (_state.State.Earlier.GetValueOrDefault(cluster) ?? _state.State.Rendered!).SetOf(cluster)?.SetDigest;

    private string? MissingFrom(string cluster) =>
        _conditions.Count > 0 ? ConditionViews.Sentence(_conditions[0])
        : _waiting.TryGetValue(cluster, out var waiting) ? ConditionViews.Sentence(waiting[0]) : null;
}
