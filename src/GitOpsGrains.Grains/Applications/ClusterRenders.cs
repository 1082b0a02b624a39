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
    private const int MaxShown = 20;

    /// <param name="asksCluster">It did the last time.</param>
    public async Task<ClusterRendersResult> RunAsync(IReadOnlyList<string> clusters, bool asksCluster)
    {
        if (clusters.Count == 0 || !(asksCluster || MayAsk))
        {
            var group = new Group(RenderScopes.Of(document), []) { Answer = await RenderAsync(RenderScopes.Of(document)) };
            if (clusters.Count == 0 && group.Answer.AwaitsCluster)
                return ClusterRendersResult.Failed([NewCondition(ConditionTypes.ClusterAwaited, "the manifests depend on the cluster, and the destination names none")]);
            if (clusters.Count == 0 || (!group.Answer.AwaitsCluster && group.Answer.Uses?.Capabilities != true)) return Sort([group], clusters, new ScopeUses(), []);
        }
        var (traits, silent) = (new Dictionary<string, ClusterTraits?>(StringComparer.Ordinal), new Dictionary<string, IReadOnlyList<Condition>>(StringComparer.Ordinal));
        foreach (var window in clusters.Chunk(FanOut)) await Task.WhenAll(window.Select(cluster => DescribeAsync(cluster, traits, silent)));
        string[] known = [.. clusters.Where(traits.ContainsKey)];
        return known.Length == 0 ? NoSet(silent) : await RunAsync(clusters, known, traits, silent);
    }

    /// <summary>A cluster of which not even the labels are known must not be taken for one without labels: it waits.</summary>
    private async Task DescribeAsync(string cluster, Dictionary<string, ClusterTraits?> traits, Dictionary<string, IReadOnlyList<Condition>> silent)
    {
        try
        {
            traits[cluster] = await describe(cluster);
        }
        catch (Exception failure) when (failure is TimeoutException or OrleansException)
        {
            silent[cluster] = [NewCondition(ConditionTypes.ClusterAwaited, $"the manifests depend on the cluster, which could not be asked: {failure.GetType().Name}")];
        }
    }

    private bool MayAsk => sources.Any(pinned => pinned.Source is { IsRendered: true } and ({ Helm: not null } or { Substitute.Enabled: true }));

    /// <summary>Begins as if all were alike, and tells them apart by what the answers turn out to depend on.</summary>
    private async Task<ClusterRendersResult> RunAsync(
        IReadOnlyList<string> clusters, string[] described, Dictionary<string, ClusterTraits?> traits, Dictionary<string, IReadOnlyList<Condition>> silent)
    {
        for (var uses = new ScopeUses(); ;)
        {
            var groups = GroupsOf(described, traits, uses);
            groups[0].Answer = await RenderAsync(groups[0].Scope);
            var known = Together(uses, groups[0].Answer!);
            if (Same(known, uses))
            {
                foreach (var window in groups.Skip(1).Chunk(FanOut)) await Task.WhenAll(window.Select(async group => group.Answer = await RenderAsync(group.Scope)));
                foreach (var group in groups.Skip(1)) known = Together(known, group.Answer!);
                if (Same(known, uses)) return Sort(groups, clusters, uses, silent);
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
            if (!groups.TryGetValue(key, out var group)) groups[key] = group = new Group(scope, []) { Traits = traits };
            group.Clusters.Add(cluster);
        }
        return [.. groups.Values];
    }

    /// <summary>Who gets a set, and who waits: what can't be had for one cluster stops no other.</summary>
    /// <param name="waiting">Those known already; takes the others.</param>
    private ClusterRendersResult Sort(List<Group> groups, IReadOnlyList<string> clusters, ScopeUses uses, Dictionary<string, IReadOnlyList<Condition>> waiting)
    {
        var good = groups.Where(group => IsUsable(group.Answer!)).ToArray();
        var failed = groups.Where(group => !IsUsable(group.Answer!)).ToArray();
        if (good.Length == 0 && waiting.Count == 0 && Array.TrueForAll(failed, group => SaysTheSame(group.Answer!, failed[0].Answer!))) return ClusterRendersResult.Failed(failed[0].Answer!.Conditions);
        var mayComeRight = waiting.Count > 0 || Array.Exists(failed, group => !group.Answer!.AwaitsCluster);
        foreach (var group in failed)
            foreach (var cluster in group.Clusters) waiting[cluster] = group.Answer!.AwaitsCluster ? [Awaited(cluster, group.Traits[cluster])] : group.Answer.Conditions;
        if (good.Length == 0) return NoSet(waiting);
        return new ClusterRendersResult
        {
            Sets = [.. good.Select(group => new ClusterSet
            {
                Clusters = group.Clusters.Count == clusters.Count ? [] : group.Clusters,
                SetDigest = group.Answer!.SetDigest,
                RenderKey = group.Answer.RenderKey,
                Scope = RenderScopes.Project(group.Scope, uses),
            })],
            Waiting = waiting,
            AsksCluster = uses.Capabilities,
            MayComeRight = mayComeRight,
        };
    }

    private bool IsUsable(RenderAnswer answer) => answer.IsSuccess || (answer.IsEmpty && document.Spec.Sync.Prune.AllowEmpty);

    private static bool SaysTheSame(RenderAnswer left, RenderAnswer right) => !left.AwaitsCluster && !right.AwaitsCluster
        && left.Conditions.Count == right.Conditions.Count && left.Conditions.Zip(right.Conditions).All(pair => pair.First.SameAs(pair.Second));

    private static ClusterRendersResult NoSet(Dictionary<string, IReadOnlyList<Condition>> waiting) => ClusterRendersResult.Failed(
        [.. waiting.OrderBy(item => item.Key, StringComparer.Ordinal).SelectMany(item => item.Value.Select(condition => ConditionViews.Of(item.Key, condition))).Take(MaxShown)]) with { Waiting = waiting };

    private Condition Awaited(string cluster, ClusterTraits? traits) => traits is null
        ? NewCondition(ConditionTypes.ClusterMissing, $"there is no cluster {cluster}")
        : NewCondition(ConditionTypes.ClusterAwaited, $"the manifests depend on the cluster's version and kinds, which are not known: {traits.Condition?.Message ?? "it is not connected yet"}");

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
        public IReadOnlyDictionary<string, ClusterTraits?> Traits { get; init; } = new Dictionary<string, ClusterTraits?>();
    }
}
