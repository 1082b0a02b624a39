using System.Text.Json.Serialization;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Manifests;

namespace GitOpsGrains.Grains.Applications;

/// <summary>
/// Sets of manifests with the commits and the sources that they came from. What is said of one source is of the first that is
/// rendered.
/// </summary>
public sealed class RenderedState
{
    public string Commit { get; set; } = "";
    public string Author { get; set; } = "";
    public string Message { get; set; } = "";
    public DateTimeOffset Time { get; set; }

    /// <summary>As <see cref="Abstractions.Repositories.Revision.Ref"/>.</summary>
    public string Ref { get; set; } = "";

    /// <summary>Where all clusters have the same set.</summary>
    public Digest SetDigest { get; set; }
    public string RenderKey { get; set; } = "";

    /// <summary>The build of the program that did; empty where it is not known.</summary>
    public string RenderedBy { get; set; } = "";
    public SourceSpec Source { get; set; } = new();

    /// <summary>What it was rendered with, beside the source.</summary>
    public RenderScope Scope { get; set; } = new();

    /// <summary>The destination's namespace of the document that it was rendered for.</summary>
    public string Namespace { get; set; } = "";

    /// <summary>All sources where there are several.</summary>
    public List<SourceRevision> Sources { get; set; } = [];

    /// <summary>Who has which set, where not all clusters have the same one; a cluster that is in none waits.</summary>
    public List<ClusterSet> Sets { get; set; } = [];

    /// <summary>The manifests depend on the clusters' version and kinds.</summary>
    public bool AsksCluster { get; set; }

    public Revision Revision => new() { Commit = Commit, Author = Author, Message = Message, Time = Time, PullRequest = PullRequests.Of(Message), Ref = Ref };

    [JsonIgnore] public IReadOnlyList<SourceRevision> AllSources => Sources.Count > 0 ? Sources : [new SourceRevision { Source = Source, Revision = Revision }];

    [JsonIgnore] public IEnumerable<string> Commits => Sources.Count > 0 ? Sources.Select(source => source.Revision.Commit) : [Commit];

    public static RenderedState Of(IReadOnlyList<SourceRevision> sources, IReadOnlyList<ClusterSet> sets, string space, bool asksCluster, string renderedBy)
    {
        var first = sources.First(source => source.Source.IsRendered);
        return new RenderedState
        {
            Commit = first.Revision.Commit,
            Author = first.Revision.Author,
            Message = first.Revision.Message,
            Time = first.Revision.Time,
            Ref = first.Revision.Ref,
            Source = first.Source,
            SetDigest = sets[0].SetDigest,
            RenderKey = sets[0].RenderKey,
            Scope = sets[0].Scope,
            Namespace = space,
            Sources = sources.Count > 1 ? [.. sources] : [],
            Sets = sets is [{ Clusters.Count: 0 }] ? [] : [.. sets],
            AsksCluster = asksCluster,
            RenderedBy = renderedBy,
        };
    }

    public ClusterSet? SetOf(string cluster) => Sets.Count == 0
        ? new ClusterSet { SetDigest = SetDigest, RenderKey = RenderKey, Scope = Scope }
        : Sets.FirstOrDefault(set => set.Clusters.Contains(cluster));

    /// <summary>As it is for one cluster that has a set.</summary>
    public RenderedState For(string cluster) =>
        Sets.Count == 0 ? this : Of(AllSources, [SetOf(cluster)! with { Clusters = [] }], Namespace, AsksCluster, RenderedBy);

    /// <summary>What need not be rendered again; null where it is not one set of one source for all clusters.</summary>
    [JsonIgnore] public KnownRender? Known => Sets.Count == 0 && Sources.Count == 0 && RenderedBy.Length > 0 ? new KnownRender(RenderKey, SetDigest, RenderedBy) : null;

    /// <summary>To be rendered again as it was for one of the clusters, or for all of them.</summary>
    public RenderSubject ToSubject() =>
        new() { Sources = [.. AllSources.Select(source => new PinnedSource { Source = source.Source, Commit = source.Revision.Commit })], Scope = Scope };

    /// <summary>Nothing differs that targets or people would see.</summary>
    public bool SameAs(RenderedState other) =>
        Namespace == other.Namespace && AllSources.Select(Seen).SequenceEqual(other.AllSources.Select(Seen))
        && (SetDigest, RenderKey, Sets.Count) == (other.SetDigest, other.RenderKey, other.Sets.Count)
        && Sets.Zip(other.Sets).All(pair => (pair.First.SetDigest, pair.First.RenderKey) == (pair.Second.SetDigest, pair.Second.RenderKey) && pair.First.Clusters.SequenceEqual(pair.Second.Clusters));

    private static (string, string, string, string, string, string, string) Seen(SourceRevision item) =>
        (item.Source.Repository, item.Source.Name, item.Source.Ref, item.Source.TagPrefix, item.Source.Path, item.Revision.Commit, item.Revision.Ref);
}
