using System.Text.Json;
using GitOpsGrains.Abstractions.Clusters;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Documents;

namespace GitOpsGrains.Grains.Applications;

/// <summary>
/// Renders an application's sources for its clusters: once for all that are alike in what the manifests depend on. What that
/// is shows in the answers.
/// </summary>
/// <param name="describe">Null: there is no such cluster.</param>
internal sealed class ClusterRenders(
    ApplicationDocument document, IReadOnlyList<PinnedSource> sources,
    Func<string, Task<ClusterTraits?>> describe, Func<RenderSubject, Task<RenderAnswer>> render, TimeProvider time)
{
    private const int FanOut = 16;

    /// <param name="asksCluster">It did the last time.</param>
    public async Task<ClusterRendersResult> RunAsync(IReadOnlyList<string> clusters, bool asksCluster)
    {
        if (clusters.Count == 0 || !(asksCluster || MayAsk))
        {
            var answer = await RenderAsync(RenderScopes.Of(document));
            if (clusters.Count == 0 && answer.AwaitsCluster)
                return ClusterRendersResult.Failed([NewCondition(ConditionTypes.ClusterAwaited, "the manifests depend on the cluster, and the destination names none")]);
            if (!answer.AwaitsCluster && answer.Uses?.Capabilities != true) return Result([new Group(RenderScopes.Of(document), []) { Answer = answer }], clusters, new ScopeUses());
        }
        var traits = new Dictionary<string, ClusterTraits?>(StringComparer.Ordinal);
        foreach (var window in clusters.Chunk(FanOut))
            foreach (var (cluster, found) in await Task.WhenAll(window.Select(async cluster => (cluster, await describe(cluster))))) traits[cluster] = found;
        return await RunAsync(clusters, traits);
    }

    private bool MayAsk => sources.Any(pinned => pinned.Source is { IsRendered: true } and ({ Helm: not null } or { Substitute.Enabled: true }));

    /// <summary>Begins as if all were alike, and tells them apart by what the answers turn out to depend on.</summary>
    private async Task<ClusterRendersResult> RunAsync(IReadOnlyList<string> clusters, Dictionary<string, ClusterTraits?> traits)
    {
        for (var uses = new ScopeUses(); ;)
        {
            var groups = GroupsOf(clusters, traits, uses);
            groups[0].Answer = await RenderAsync(groups[0].Scope);
            var known = Together(uses, groups[0].Answer!);
            if (Same(known, uses))
            {
                foreach (var window in groups.Skip(1).Chunk(FanOut)) await Task.WhenAll(window.Select(async group => group.Answer = await RenderAsync(group.Scope)));
                foreach (var group in groups.Skip(1)) known = Together(known, group.Answer!);
                if (Same(known, uses)) return Result(groups, clusters, uses, traits);
            }
            uses = known;
        }
    }

    private Task<RenderAnswer> RenderAsync(RenderScope scope) => render(new RenderSubject { Sources = sources, Scope = scope });

    private List<Group> GroupsOf(IReadOnlyList<string> clusters, Dictionary<string, ClusterTraits?> traits, ScopeUses uses)
    {
        var groups = new Dictionary<string, Group>(StringComparer.Ordinal);
        foreach (var cluster in clusters)
        {
            var scope = RenderScopes.Of(document, cluster, traits[cluster]);
            var part = RenderScopes.Project(scope, uses);
            var key = JsonSerializer.Serialize((object[])[part.KubeVersion, part.Kinds, new SortedDictionary<string, string>(part.Variables.ToDictionary(), StringComparer.Ordinal)]);
            if (!groups.TryGetValue(key, out var group)) groups[key] = group = new Group(scope, []);
            group.Clusters.Add(cluster);
        }
        return [.. groups.Values];
    }

    private ClusterRendersResult Result(List<Group> groups, IReadOnlyList<string> clusters, ScopeUses uses, Dictionary<string, ClusterTraits?>? traits = null)
    {
        var waiting = groups.Where(group => group.Answer!.AwaitsCluster).SelectMany(group => group.Clusters)
            .ToDictionary(cluster => cluster, cluster => Awaited(cluster, traits![cluster]), StringComparer.Ordinal);
        var allowsEmpty = document.Spec.Sync.Prune.AllowEmpty;
        var faulty = groups.FirstOrDefault(group => !group.Answer!.AwaitsCluster && !group.Answer.IsSuccess && !(group.Answer.IsEmpty && allowsEmpty));
        if (faulty is not null) return ClusterRendersResult.Failed([.. faulty.Answer!.Conditions.Select(condition => Placed(condition, faulty, clusters))]);
        if (waiting.Count > 0 && waiting.Count == clusters.Count) return ClusterRendersResult.Failed([.. waiting.Values.Take(20)]);
        var good = groups.Where(group => !group.Answer!.AwaitsCluster).ToArray();
        return new ClusterRendersResult
        {
            Sets = [.. good.Select(group => new ClusterSet
            {
                Clusters = groups.Count == 1 ? [] : group.Clusters,
                SetDigest = group.Answer!.SetDigest,
                RenderKey = group.Answer.RenderKey,
                Scope = RenderScopes.Project(group.Scope, uses),
            })],
            Waiting = waiting,
            AsksCluster = uses.Capabilities,
        };
    }

    /// <summary>Which cluster it is about, where it may be about this one only.</summary>
    private static Condition Placed(Condition condition, Group group, IReadOnlyList<string> clusters) =>
        clusters.Count < 2 || group.Clusters.Count == 0 || group.Answer!.Uses is { Capabilities: false, Variables.Count: 0 }
            ? condition
            : condition with { Message = $"{condition.Message} (for cluster {group.Clusters[0]})" };

    private Condition Awaited(string cluster, ClusterTraits? traits) => traits is null
        ? NewCondition(ConditionTypes.ClusterMissing, $"{cluster}: there is no cluster {cluster}")
        : NewCondition(ConditionTypes.ClusterAwaited, $"{cluster}: the manifests depend on the cluster's version and kinds, which are not known: {traits.Condition?.Message ?? "it is not connected yet"}");

    private Condition NewCondition(string type, string message) => new() { Type = type, Message = message, Since = time.GetUtcNow() };

    private static ScopeUses Together(ScopeUses known, RenderAnswer answer) => answer.Uses is not { } uses ? known : new ScopeUses
    {
        Capabilities = known.Capabilities || uses.Capabilities,
        Variables = [.. known.Variables.Union(uses.Variables, StringComparer.Ordinal).Order(StringComparer.Ordinal)],
    };

    private static bool Same(ScopeUses left, ScopeUses right) => left.Capabilities == right.Capabilities && left.Variables.Count == right.Variables.Count;

    /// <param name="Scope">Of its first cluster, with all that is known.</param>
    private sealed record Group(RenderScope Scope, List<string> Clusters)
    {
        public RenderAnswer? Answer { get; set; }
    }
}

/// <summary>Sets, or why there are none.</summary>
internal sealed record ClusterRendersResult
{
    public IReadOnlyList<ClusterSet> Sets { get; init; } = [];

    /// <summary>By cluster that waits and has no set, why.</summary>
    public IReadOnlyDictionary<string, Condition> Waiting { get; init; } = new Dictionary<string, Condition>();
    public bool AsksCluster { get; init; }
    public IReadOnlyList<Condition> Conditions { get; init; } = [];

    public static ClusterRendersResult Failed(IReadOnlyList<Condition> conditions) => new() { Conditions = conditions };
}
