using GitOpsGrains.Abstractions.Applications;
using GitOpsGrains.Abstractions.Clusters;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Grains.Clusters;

/// <summary>What manifests may depend on, and who is to be told when that is known.</summary>
public sealed partial class ClusterGrain
{
    private static readonly TimeSpan FirstContact = TimeSpan.FromSeconds(5);

    private readonly HashSet<string> _askers = new(StringComparer.Ordinal);
    private (ApiCatalog Of, ClusterKinds Kinds)? _kinds;

    public async Task<ClusterTraits?> DescribeAsync(string application)
    {
        if (Stored is not { } document) return null;
        await OpenAsync();
        if (sessions.Find(Name) is { } opening) await opening.Tried.WaitAsync(FirstContact, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        var (kinds, now) = (await GetKindsAsync(), sessions.Find(Name)?.State ?? SessionState.Connecting);
        if (kinds.Digest.Length > 0) return new ClusterTraits { Labels = document.Metadata.Labels, KubeVersion = now.Version, Kinds = kinds.Digest };
        _askers.Add(application);
        var why = now.Condition ?? new Condition
        {
            Type = ConditionTypes.ClusterUnreachable,
            Message = now.IsReady ? "it could not tell all its kinds" : "it is not connected yet",
            Since = time.GetUtcNow(),
        };
        return new ClusterTraits { Labels = document.Metadata.Labels, Condition = why };
    }

    public Task<ClusterKinds> GetKindsAsync()
    {
        // Kinds that are missing because their server is down would make a chart leave out what it has: better no answer.
        if (sessions.Find(Name)?.State is not { IsReady: true, Catalog: { IsComplete: true } catalog }) return Task.FromResult(ClusterKinds.Unknown);
        if (_kinds is not { } known || known.Of != catalog) _kinds = known = (catalog, KindsOf(catalog));
        return Task.FromResult(known.Kinds);
    }

    private static ClusterKinds KindsOf(ApiCatalog catalog)
    {
        string[] versions = [.. catalog.All.SelectMany(resource => new[] { resource.ApiVersion, $"{resource.ApiVersion}/{resource.Kind}" }).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return new ClusterKinds { Digest = Digest.Of(string.Join('\n', versions)).ToString(), ApiVersions = versions };
    }

    private async Task AnswerAskersAsync()
    {
        if (_askers.Count == 0 || (await GetKindsAsync()).Digest.Length == 0) return;
        var askers = _askers.ToArray();
        _askers.Clear();
        foreach (var application in askers) await GrainFactory.GetGrain<IApplicationListener>(application).OnClusterChangedAsync(Name);
    }

    /// <summary>Whoever has a target here may have put the cluster's labels into its manifests.</summary>
    private async Task TellApplicationsAsync()
    {
        var applications = state.State.Targets.Select(GrainKeys.ParseTarget).Select(parts => GrainKeys.Application(parts.Project, parts.Application)).Distinct(StringComparer.Ordinal).ToArray();
        foreach (var application in applications) await GrainFactory.GetGrain<IApplicationListener>(application).OnClusterChangedAsync(Name);
    }

    private sealed class SessionNews(Action changed) : ITargetEvents
    {
        public void OnSessionLeaving(string home)
        {
        }

        public void OnObjectChanged(ResourceId id)
        {
            // It owns no object.
        }

        public void OnSessionChanged() => changed();

        public Task RestAsync() => Task.CompletedTask;
    }
}
