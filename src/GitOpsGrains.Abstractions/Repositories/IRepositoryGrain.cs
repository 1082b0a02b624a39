using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Rest;
using Orleans.Concurrency;

namespace GitOpsGrains.Abstractions.Repositories;

/// <summary>The single authority on one Git repository. Key: the repository's name.</summary>
[Alias("gog.IRepositoryGrain")]
public interface IRepositoryGrain : IGrainWithStringKey
{
    [Alias("Put")]
    Task<Change> PutAsync(RepositoryDocument document);

    /// <summary>Errors: <see cref="RefusalKind.Conflict"/> while applications use it.</summary>
    [Alias("Delete")]
    Task DeleteAsync();

    /// <summary>Null when there is no such repository.</summary>
    [AlwaysInterleave, Alias("Get")]
    Task<RepositoryView?> GetAsync();

    /// <summary>What webhooks of this repository alone are signed with, read where its document is obeyed; null when it names nothing, or there is no such repository.</summary>
    [AlwaysInterleave, Alias("GetWebhookSecret")]
    Task<WebhookSecret?> GetWebhookSecretAsync(CancellationToken cancellationToken);

    /// <summary>
    /// The commit that is named now, brought into the mirror. Asks the server when <paramref name="fresh"/> is set
    /// or this has not been asked yet; concurrent callers share one poll.
    /// </summary>
    [AlwaysInterleave, ResponseTimeout(AnswerTimes.Longest), Alias("Resolve")]
    Task<RevisionAnswer> ResolveAsync(RefQuery query, bool fresh, CancellationToken cancellationToken);

    /// <summary>
    /// Renders sources once for everybody who asks for the same inputs, and registers the application for news about them here
    /// and at their other repositories. To be asked of <see cref="RenderSubject.Home"/>.
    /// </summary>
    [AlwaysInterleave, ResponseTimeout(AnswerTimes.Longest), Alias("Render")]
    Task<RenderAnswer> RenderAsync(RenderOrder order, CancellationToken cancellationToken);

    /// <summary>
    /// Renders at any commits that may be rendered, for a target whose manifest set is no longer stored, for other clusters, or
    /// to be looked at; registers nothing.
    /// </summary>
    [AlwaysInterleave, ResponseTimeout(AnswerTimes.Longest), Alias("RenderAgain")]
    Task<RenderAnswer> RenderAgainAsync(RenderSubject subject, CancellationToken cancellationToken);

    /// <summary>Registers an application for news about what a render at another repository's grain has read of this one.</summary>
    [AlwaysInterleave, ResponseTimeout(AnswerTimes.Longest), Alias("Follow")]
    Task FollowAsync(FollowOrder order, CancellationToken cancellationToken);

    /// <summary>Brings a commit that is to be rendered again into the mirror; returns why it may or can not be.</summary>
    [AlwaysInterleave, ResponseTimeout(AnswerTimes.Longest), Alias("Admit")]
    Task<Condition?> AdmitAsync(string commit, CancellationToken cancellationToken);

    /// <summary>
    /// The commit that is named now, as the server has it, brought into the mirror. Nothing is remembered: no ref to ask for
    /// again.
    /// </summary>
    [AlwaysInterleave, ResponseTimeout(AnswerTimes.Longest), Alias("LookUp")]
    Task<RevisionAnswer> LookUpAsync(RefQuery query, CancellationToken cancellationToken);

    /// <summary>Which commit touched the files of rendered objects last.</summary>
    [AlwaysInterleave, ResponseTimeout(AnswerTimes.Longest), Alias("Blame")]
    Task<BlameAnswer> BlameAsync(BlameOrder order, CancellationToken cancellationToken);

    /// <summary>Makes the commit of a rollback and pushes it, fast-forward only; made anew when somebody else pushed in between.</summary>
    [AlwaysInterleave, ResponseTimeout(AnswerTimes.Longest), Alias("RollBack")]
    Task<RollbackAnswer> RollBackAsync(RollbackOrder order, CancellationToken cancellationToken);

    /// <summary>
    /// An application has handed everything that it rendered from a tree to its targets: its claims on objects are
    /// known to their clusters.
    /// </summary>
    /// <param name="except">Clusters whose targets wait for theirs.</param>
    [AlwaysInterleave, Alias("Settle")]
    Task SettleAsync(string application, string tree, IReadOnlyList<string> except);

    /// <summary>
    /// The applications with a target on the cluster whose tree changed and which have not settled it yet: objects that
    /// left another application may be about to appear in them.
    /// </summary>
    [AlwaysInterleave, Alias("Unsettled")]
    Task<IReadOnlyList<string>> UnsettledAsync(string cluster);

    [AlwaysInterleave, Alias("Unsubscribe")]
    Task UnsubscribeAsync(string application);

    /// <summary>Polls now instead of at the next interval.</summary>
    [AlwaysInterleave, ResponseTimeout(AnswerTimes.Longest), Alias("Refresh")]
    Task RefreshAsync(CancellationToken cancellationToken);

    /// <summary>Starts polling after a start of the silo.</summary>
    [Alias("Wake")]
    Task WakeAsync();
}

/// <summary>A commit, or the condition that says why there is none.</summary>
[GenerateSerializer, Immutable, Alias("gog.RevisionAnswer")]
public sealed record RevisionAnswer
{
    [Id(0)] public Revision? Revision { get; init; }
    [Id(1)] public Condition? Condition { get; init; }
}

/// <summary>A resolved commit with who made it and why.</summary>
[GenerateSerializer, Immutable, Alias("gog.Revision")]
public sealed record Revision
{
    [Id(0)] public string Commit { get; init; } = "";
    [Id(1)] public string Author { get; init; } = "";
    [Id(2)] public string Message { get; init; } = "";
    [Id(3)] public DateTimeOffset Time { get; init; }
    /// <summary>Full name of the ref that led to it: the branch, or the tag that a range of versions chose; "" for a commit id.</summary>
    [Id(4)] public string Ref { get; init; } = "";
    /// <summary>"#12" or "!12", where the message tells which request brought it.</summary>
    [Id(5)] public string? PullRequest { get; init; }
}

/// <param name="Application">project/name.</param>
/// <param name="Known">What the application has of its only source, for all of its clusters alike.</param>
[GenerateSerializer, Immutable, Alias("gog.RenderOrder")]
public sealed record RenderOrder(
    [property: Id(0)] string Application,
    [property: Id(1)] IReadOnlyList<string> Clusters,
    [property: Id(2)] RenderSubject Subject,
    [property: Id(3)] KnownRender? Known = null);

/// <summary>A render that need not be run again while it would read the same: its answer has no manifests in memory then.</summary>
/// <param name="RenderKey">As <see cref="RenderAnswer.RenderKey"/>.</param>
/// <param name="RenderedBy">As <see cref="RenderAnswer.RenderedBy"/>.</param>
[GenerateSerializer, Immutable, Alias("gog.KnownRender")]
public sealed record KnownRender(
    [property: Id(0)] string RenderKey,
    [property: Id(1)] Digest SetDigest,
    [property: Id(2)] string RenderedBy);

/// <summary>What an application reads of a repository, as the grain of another one found out.</summary>
/// <param name="Application">project/name.</param>
/// <param name="Tree">As <see cref="RenderAnswer.Trees"/>.</param>
/// <param name="Paths">All paths that were read or looked for.</param>
[GenerateSerializer, Immutable, Alias("gog.FollowOrder")]
public sealed record FollowOrder(
    [property: Id(0)] string Application,
    [property: Id(1)] IReadOnlyList<string> Clusters,
    [property: Id(2)] RenderSubject Subject,
    [property: Id(3)] string Tree,
    [property: Id(4)] IReadOnlyList<string> Paths);

/// <summary>What was rendered, or the conditions that say why nothing was. The objects themselves travel by the manifest store.</summary>
[GenerateSerializer, Immutable, Alias("gog.RenderAnswer")]
public sealed record RenderAnswer
{
    [Id(0)] public string RenderKey { get; init; } = "";
    /// <summary>None when there are conditions, unless all of them are RenderEmpty: an application may allow that.</summary>
    [Id(1)] public Digest SetDigest { get; init; }
    [Id(2)] public int Objects { get; init; }
    [Id(3)] public IReadOnlyList<Condition> Conditions { get; init; } = [];
    /// <summary>
    /// By repository the digest of all that the render reads of it: of a plain directory the id of its tree; "" when its path
    /// does not exist. Of renders that were registered only.
    /// </summary>
    [Id(4)] public IReadOnlyDictionary<string, string> Trees { get; init; } = new Dictionary<string, string>();
    /// <summary>The same inputs may render later: a tool was killed, or a server did not answer.</summary>
    [Id(5)] public bool IsTransient { get; init; }

    /// <summary>What of the scope the outcome depends on, of faults what is known of that; null when nothing is.</summary>
    [Id(6)] public ScopeUses? Uses { get; init; }
    /// <summary>Nothing was rendered, since it depends on a cluster of which <see cref="RenderScope.KubeVersion"/> is not known.</summary>
    [Id(7)] public bool AwaitsCluster { get; init; }

    /// <summary>Under which key the manifest store has the set, for whoever is on another silo; of renders that were asked for again only.</summary>
    [Id(8)] public string ManifestKey { get; init; } = "";

    /// <summary>The build of the program that rendered: another one may make other manifests of the same files. Empty for sets that were joined, and without one.</summary>
    [Id(9)] public string RenderedBy { get; init; } = "";

    public bool IsSuccess => Conditions.Count == 0 && !AwaitsCluster;

    /// <summary>Rendered without a fault, and there is a source without an object.</summary>
    public bool IsEmpty => !SetDigest.IsNone && Conditions.Count > 0 && Conditions.All(condition => condition.Type == ConditionTypes.RenderEmpty);
}

/// <summary>What of a <see cref="RenderScope"/> a render depends on.</summary>
[GenerateSerializer, Immutable, Alias("gog.ScopeUses")]
public sealed record ScopeUses
{
    /// <summary>The clusters' version and kinds.</summary>
    [Id(0)] public bool Capabilities { get; init; }
    /// <summary>Names of variables that it would take from the scope.</summary>
    [Id(1)] public IReadOnlyList<string> Variables { get; init; } = [];
}
