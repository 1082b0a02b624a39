using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Clusters;

/// <summary>Opens connections to clusters.</summary>
public interface IClusterConnector
{
    /// <summary>
    /// Reads the access (kubeconfig file, in-cluster files) and makes a connection; sends nothing yet.
    /// An access that can't be used (file missing, context unknown, field not allowed) is an error of kind Unauthorized
    /// whose message names the cause.
    /// </summary>
    Task<ClusterAnswer<IClusterConnection>> ConnectAsync(ClusterAccess access, CancellationToken cancellationToken);
}

/// <summary>How to reach a cluster: a kubeconfig file and context (null: its current one), or the pod's own service account.</summary>
public sealed record ClusterAccess(string Name, string? KubeconfigFile, string? Context, bool InCluster)
{
    /// <summary>A kubeconfig that is a secret and holds all its data itself; in place of the file.</summary>
    public SecretReference? KubeconfigFrom { get; init; }
}

/// <summary>
/// One cluster's API. Requests share one budget (adaptive concurrency, backs off on 429 and time-outs) and one circuit
/// breaker; an answer never throws for what a server or network does, only for cancellation.
/// </summary>
public interface IClusterConnection : IAsyncDisposable
{
    /// <summary>Version and identity (uid of the namespace kube-system). One probe; also sent while the circuit is open.</summary>
    Task<ClusterAnswer<ServerInfo>> ReadServerAsync(CancellationToken cancellationToken);

    /// <summary>All kinds; unless <paramref name="fresh"/>, those that were read last. Concurrent callers share one discovery.</summary>
    Task<ClusterAnswer<ApiCatalog>> DiscoverAsync(bool fresh, CancellationToken cancellationToken);

    Task<ClusterAnswer<LiveObject>> GetAsync(ApiResource resource, ResourceId id, CancellationToken cancellationToken);

    /// <summary>One page of at most <see cref="ListQuery.Limit"/> objects.</summary>
    Task<ClusterAnswer<ObjectPage>> ListAsync(ApiResource resource, ListQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// Events after a resourceVersion until the server ends the watch, an error (the last event, of kind
    /// <see cref="WatchEventKind.Error"/>) or cancellation. Silence for 90 s ends it with an error of kind TimedOut.
    /// </summary>
    IAsyncEnumerable<WatchEvent> WatchAsync(ApiResource resource, WatchQuery query, CancellationToken cancellationToken);

    /// <summary>Server-side apply by the field manager of the options. The body is the whole apply configuration as JSON.</summary>
    Task<ClusterAnswer<LiveObject>> ApplyAsync(ApiResource resource, ResourceId id, ReadOnlyMemory<byte> body, ApplyOptions options, CancellationToken cancellationToken);

    /// <summary>An RFC 6902 patch. Carry "/metadata/resourceVersion" in it for a precondition.</summary>
    Task<ClusterAnswer<LiveObject>> JsonPatchAsync(ApiResource resource, ResourceId id, ReadOnlyMemory<byte> patch, bool dryRun, CancellationToken cancellationToken);

    /// <summary>Plain POST; an object that exists is an error of kind AlreadyExists.</summary>
    Task<ClusterAnswer<LiveObject>> CreateAsync(ApiResource resource, ResourceId id, ReadOnlyMemory<byte> body, CancellationToken cancellationToken);

    /// <summary>
    /// PUT: the body takes the place of the whole object. It must carry metadata.uid and metadata.resourceVersion; the server
    /// refuses it (409) for an object that changed or was made anew since.
    /// </summary>
    Task<ClusterAnswer<LiveObject>> UpdateAsync(ApiResource resource, ResourceId id, ReadOnlyMemory<byte> body, bool dryRun, CancellationToken cancellationToken);

    /// <summary>The object as it was when its deletion began, or a NotFound error. Preconditions that fail are a Conflict.</summary>
    Task<ClusterAnswer<Deletion>> DeleteAsync(ApiResource resource, ResourceId id, DeleteOptions options, CancellationToken cancellationToken);

    /// <summary>The last lines of a pod's container.</summary>
    Task<ClusterAnswer<PodLog>> ReadLogAsync(ApiResource pods, ResourceId pod, LogQuery query, CancellationToken cancellationToken);

    ConnectionStatus Status { get; }

    /// <summary>The same connection for drift checks: its requests take a small share of the budget. Not to be disposed.</summary>
    IClusterConnection Checks => this;
}

public sealed record ServerInfo(string GitVersion, string Identity);

/// <param name="Force">Take over fields that other managers own.</param>
public sealed record ApplyOptions(bool DryRun, bool Force)
{
    /// <summary>
    /// Asked each time just before the request is sent, after all waiting for its turn; false: it is not sent, and the
    /// answer is a Conflict. Called on any thread. For what the server can't fence: the creation of an object.
    /// </summary>
    public Func<bool>? MaySend { get; init; }

    /// <summary>Who is written down as the owner of the fields.</summary>
    public string Manager { get; init; } = Desired.Tracking.FieldManager;
}

/// <summary>Both preconditions are always sent.</summary>
public sealed record DeleteOptions(string Uid, string ResourceVersion, Propagation Propagation)
{
    /// <summary>As <see cref="ApplyOptions.MaySend"/>: an object that another desires by now has not changed yet.</summary>
    public Func<bool>? MaySend { get; init; }
}

/// <summary>What happens to an object's dependents.</summary>
public enum Propagation
{
    Foreground,
    Background,
    Orphan,
}

/// <param name="Pending">The object still exists: finalizers hold it, named in <paramref name="Finalizers"/>.</param>
public sealed record Deletion(bool Pending, IReadOnlyList<string> Finalizers);

/// <param name="Namespace">"" for all namespaces.</param>
/// <param name="MetadataOnly">Ask for PartialObjectMetadata.</param>
/// <param name="Continue">The token of the page before, or null.</param>
public sealed record ListQuery(string Namespace, string? LabelSelector, bool MetadataOnly, int Limit, string? Continue)
{
    /// <summary>Servers know a few fields of each kind; null: any object.</summary>
    public string? FieldSelector { get; init; }
}

public sealed record ObjectPage(IReadOnlyList<LiveObject> Objects, string ResourceVersion, string? Continue);

/// <param name="ResourceVersion">Never "" or "0": a watch starts from a list.</param>
public sealed record WatchQuery(string Namespace, string? LabelSelector, bool MetadataOnly, string ResourceVersion);

/// <param name="Container">"" for the pod's only one.</param>
/// <param name="Tail">At most so many lines.</param>
public sealed record LogQuery(string Container, int Tail, int MaxBytes);

/// <param name="IsCut">The lines had more bytes than were asked for: the newest are missing.</param>
public sealed record PodLog(string Text, bool IsCut);

public enum WatchEventKind
{
    Added,
    Modified,
    Deleted,
    Bookmark,
    Error,
}

/// <param name="Object">Null for bookmarks and errors.</param>
/// <param name="ResourceVersion">Of the object or bookmark; "" for errors.</param>
public sealed record WatchEvent(WatchEventKind Kind, LiveObject? Object, string ResourceVersion, ClusterError? Error);

/// <param name="CircuitOpen">Requests are not sent until a probe succeeds.</param>
/// <param name="Concurrency">Requests that may be in flight now.</param>
public sealed record ConnectionStatus(bool CircuitOpen, int Concurrency, ClusterError? LastError)
{
    /// <summary>What an administrator should know about the access, such as a kubeconfig that skips verification.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
