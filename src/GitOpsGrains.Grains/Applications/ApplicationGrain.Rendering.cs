using GitOpsGrains.Abstractions.Clusters;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Documents;

namespace GitOpsGrains.Grains.Applications;

/// <summary>The newest commits of all sources, and what they are for each cluster.</summary>
public sealed partial class ApplicationGrain
{
    /// <summary>By cluster that has no set of the newest commits, why.</summary>
    private IReadOnlyDictionary<string, IReadOnlyList<Condition>> _waiting = new Dictionary<string, IReadOnlyList<Condition>>();

    /// <param name="State">Null: there are conditions that say why nothing was rendered.</param>
    /// <param name="Trees">By repository what was read of it.</param>
    /// <param name="Waiting">By cluster, as <see cref="_waiting"/>; null: not told, as before.</param>
    private sealed record RenderedNow(
        RenderedState? State, IReadOnlyDictionary<string, string> Trees, IReadOnlyDictionary<string, IReadOnlyList<Condition>>? Waiting, IReadOnlyList<Condition> Conditions)
    {
        /// <summary>Worth another try, though nobody will tell when.</summary>
        public bool MayComeRight { get; init; } = Conditions.Count > 0;

        public static RenderedNow Failed(IReadOnlyList<Condition> conditions, IReadOnlyDictionary<string, IReadOnlyList<Condition>>? waiting = null) =>
            new(null, new Dictionary<string, string>(), waiting, conditions);
    }

    /// <summary>The newest sets that can be had; those before stand when there are conditions.</summary>
    private async Task<RenderedNow> RenderAsync(ApplicationDocument document, IReadOnlyList<string> clusters, bool askGit)
    {
        if (await RefuseAsync(document, clusters) is { } refusal) return RenderedNow.Failed([refusal]);
        var (sources, missing) = await ResolveAsync(document.Spec.AllSources, askGit);
        if (missing.Count > 0) return RenderedNow.Failed(missing);
        await JoinRepositoriesAsync(sources);
        RenderAnswer? first = null;
        async Task<RenderAnswer> RenderOneAsync(RenderSubject subject)
        {
            var home = Repository(subject.Home);
            // What is read does not differ from cluster to cluster: it is registered once.
            return first is null
                ? first = await home.RenderAsync(new RenderOrder(Key, clusters, subject, _state.State.Rendered?.Known), _stopping.Token)
                : await home.RenderAgainAsync(subject, _stopping.Token);
        }
        string[] allowed = [.. clusters.Where(cluster => !_refused.ContainsKey(cluster))];
        var renders = (await RendersOf(document, sources, RenderOneAsync).RunAsync(allowed, _state.State.Rendered?.AsksCluster == true)).Without(_refused, allowed);
        if (renders.Conditions.Count > 0) return RenderedNow.Failed(renders.Conditions, renders.Waiting);
        return new RenderedNow(RenderedState.Of(sources, renders.Sets, document.Spec.Destination.Namespace, renders.AsksCluster, first!.RenderedBy), first.Trees, renders.Waiting, []) { MayComeRight = renders.MayComeRight };
    }

    private ClusterRenders RendersOf(ApplicationDocument document, IReadOnlyList<SourceRevision> sources, Func<RenderSubject, Task<RenderAnswer>> render) => new(
        document, [.. sources.Select(source => new PinnedSource { Source = source.Source, Commit = source.Revision.Commit })],
        cluster => GrainFactory.GetGrain<IClusterGrain>(cluster).DescribeAsync(Key), render, _time);

    /// <summary>One commit for each ref of each repository, so that sources that share one are of one moment.</summary>
    private async Task<(IReadOnlyList<SourceRevision> Sources, IReadOnlyList<Condition> Missing)> ResolveAsync(IReadOnlyList<SourceSpec> sources, bool askGit)
    {
        var found = new Dictionary<(string Repository, RefQuery Query), Revision>();
        var (asked, missing) = (new HashSet<string>(StringComparer.Ordinal), new List<Condition>());
        foreach (var (repository, query) in sources.Select(source => (source.Repository, RefQuery.Of(source))).Distinct())
        {
            // The first question brings the answers to all others.
            var answer = await Repository(repository).ResolveAsync(query, askGit && asked.Add(repository), _stopping.Token);
            if (answer.Revision is { } revision) found[(repository, query)] = revision;
            else missing.Add(sources.Count == 1 ? answer.Condition! : answer.Condition! with { Message = $"repository {repository}: {answer.Condition.Message}" });
        }
        return missing.Count > 0 ? ([], missing)
            : ([.. sources.Select(source => new SourceRevision { Source = source, Revision = found[(source.Repository, RefQuery.Of(source))] })], []);
    }

    /// <summary>Noted before the repositories know of it, so that they can be told when it goes.</summary>
    private async Task JoinRepositoriesAsync(IReadOnlyList<SourceRevision> sources)
    {
        var joining = sources.Select(source => source.Source.Repository).Except(_state.State.Repositories, StringComparer.Ordinal).ToArray();
        if (joining.Length == 0) return;
        _state.State.Repositories.AddRange(joining);
        await StoreAsync();
    }
}
