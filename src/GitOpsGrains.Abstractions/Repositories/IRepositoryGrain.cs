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

    /// <summary>
    /// The commit that is named now, brought into the mirror. Asks the server when <paramref name="fresh"/> is set
    /// or this has not been asked yet; concurrent callers share one poll.
    /// </summary>
    [AlwaysInterleave, ResponseTimeout(AnswerTimes.Longest), Alias("Resolve")]
    Task<RevisionAnswer> ResolveAsync(RefQuery query, bool fresh, CancellationToken cancellationToken);

    /// <summary>
    /// Renders a source once for everybody who asks for the same inputs, and registers the application for news about it.
    /// </summary>
    [AlwaysInterleave, ResponseTimeout(AnswerTimes.Longest), Alias("Render")]
    Task<RenderAnswer> RenderAsync(RenderOrder order, CancellationToken cancellationToken);

    /// <summary>Renders what was rendered before, for a target whose manifest set is no longer stored; registers nothing.</summary>
    [AlwaysInterleave, ResponseTimeout(AnswerTimes.Longest), Alias("RenderAgain")]
    Task<RenderAnswer> RenderAgainAsync(SourceSpec source, string commit, RenderScope scope, CancellationToken cancellationToken);

    /// <summary>
    /// Renders a source at the revision that its own ref names, as the server has it now. Nothing is remembered: no
    /// subscription, no ref to ask for again.
    /// </summary>
    [AlwaysInterleave, ResponseTimeout(AnswerTimes.Longest), Alias("RenderAt")]
    Task<RenderedRevision> RenderAtAsync(SourceSpec source, RenderScope scope, CancellationToken cancellationToken);

    /// <summary>
    /// An application has handed everything that it rendered from a tree to its targets: its claims on objects are
    /// known to their clusters.
    /// </summary>
    [AlwaysInterleave, Alias("Settle")]
    Task SettleAsync(string application, string tree);

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
}

/// <param name="Application">project/name.</param>
[GenerateSerializer, Immutable, Alias("gog.RenderOrder")]
public sealed record RenderOrder(
    [property: Id(0)] string Application,
    [property: Id(1)] IReadOnlyList<string> Clusters,
    [property: Id(2)] SourceSpec Source,
    [property: Id(3)] string Commit,
    [property: Id(4)] RenderScope Scope);

/// <summary>What was rendered, or the conditions that say why nothing was. The objects themselves travel by the manifest store.</summary>
[GenerateSerializer, Immutable, Alias("gog.RenderAnswer")]
public sealed record RenderAnswer
{
    [Id(0)] public string RenderKey { get; init; } = "";
    /// <summary>None when there are conditions, unless the only one is RenderEmpty: an application may allow that.</summary>
    [Id(1)] public Digest SetDigest { get; init; }
    [Id(2)] public int Objects { get; init; }
    [Id(3)] public IReadOnlyList<Condition> Conditions { get; init; } = [];
    /// <summary>Digest of all that the render reads: of a plain directory the id of its tree; "" when its path does not exist.</summary>
    [Id(4)] public string Tree { get; init; } = "";
    /// <summary>The same inputs may render later: a tool was killed, or a server did not answer.</summary>
    [Id(5)] public bool IsTransient { get; init; }

    public bool IsSuccess => Conditions.Count == 0;

    /// <summary>Rendered without a fault, and there is no object in it.</summary>
    public bool IsEmpty => !SetDigest.IsNone && Conditions is [{ Type: ConditionTypes.RenderEmpty }];
}
