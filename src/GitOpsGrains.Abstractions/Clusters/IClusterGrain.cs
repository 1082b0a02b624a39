using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Rest;
using Orleans.Concurrency;

namespace GitOpsGrains.Abstractions.Clusters;

/// <summary>Decides that its silo serves a cluster, and keeps the cluster's session open there. Key: the cluster's name.</summary>
[Alias("gog.IClusterGrain")]
public interface IClusterGrain : IGrainWithStringKey
{
    [Alias("Put")]
    Task<Change> PutAsync(ClusterDocument document);

    /// <summary>Errors: <see cref="RefusalKind.Conflict"/> while it has targets.</summary>
    [Alias("Delete")]
    Task DeleteAsync();

    [AlwaysInterleave, Alias("Get")]
    Task<ClusterView?> GetAsync();

    /// <summary>
    /// What renders may depend on; null when there is no such cluster. Waits some seconds for the first contact. When there is
    /// none the asker is told by <see cref="Applications.IApplicationListener.OnClusterChangedAsync"/> as soon as there is.
    /// </summary>
    /// <param name="application">project/name of the asker.</param>
    [AlwaysInterleave, Alias("Describe")]
    Task<ClusterTraits?> DescribeAsync(string application);

    /// <summary>All kinds that it serves now; none when it can't say.</summary>
    [AlwaysInterleave, Alias("GetKinds")]
    Task<ClusterKinds> GetKindsAsync();

    /// <summary>Whether there is such a document, and the server that it has met and accepted is this one.</summary>
    /// <param name="identity">uid of kube-system.</param>
    [AlwaysInterleave, Alias("IsRegisteredFor")]
    Task<bool> IsRegisteredForAsync(string identity);

    /// <summary>Registers a target; false when there is no such cluster. The session is open (or trying) when it returns.</summary>
    [AlwaysInterleave, Alias("AddTarget")]
    Task<bool> AddTargetAsync(string target);

    [Alias("RemoveTarget")]
    Task RemoveTargetAsync(string target);

    /// <summary>
    /// Makes the identity that the server shows now the accepted one, and this installation the holder of the cluster's
    /// Lease. Errors: <see cref="RefusalKind.Conflict"/> when the cluster does not answer or refuses.
    /// </summary>
    [Alias("TakeOver")]
    Task TakeOverAsync();

    /// <summary>The silo that serves the cluster, as Orleans writes addresses.</summary>
    [AlwaysInterleave, Alias("GetHome")]
    Task<string> GetHomeAsync();

    /// <summary>Hands the cluster and its targets over to another silo; what runs there goes on there.</summary>
    /// <param name="home">As from <see cref="GetHomeAsync"/>.</param>
    [Alias("Move")]
    Task MoveAsync(string home);

    /// <summary>Opens the session and wakes the targets after a start of the silo.</summary>
    [Alias("Wake")]
    Task WakeAsync();
}
