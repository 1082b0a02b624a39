using GitOpsGrains.Abstractions.Fleet;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Targets;
using Orleans.Concurrency;

namespace GitOpsGrains.Abstractions.Applications;

/// <summary>
/// One application: resolves and renders its source, hands it to its targets and answers for them. Key: project/name.
/// Commands that take long return an operation id at once.
/// </summary>
[Alias("gog.IApplicationGrain")]
public interface IApplicationGrain : IGrainWithStringKey
{
    [Alias("Put")]
    Task<Change> PutAsync(ApplicationDocument document);

    /// <summary>
    /// Deletes the document. What happens to live objects: <paramref name="cascade"/>, else the document's deletionPolicy.
    /// Returns the id of the operation that detaches or deletes them. A deletion that runs can be changed to keep.
    /// </summary>
    /// <param name="force">With keep only: clusters are not touched, and what is there is left behind. For a cluster that is gone.</param>
    [Alias("Delete")]
    Task<string> DeleteAsync(Cascade? cascade, bool force = false);

    [AlwaysInterleave, Alias("Get")]
    Task<ApplicationView?> GetAsync();

    /// <summary>What lists ask about it; null when there is no such application.</summary>
    [AlwaysInterleave, Alias("GetRow")]
    Task<FleetRow?> GetRowAsync();

    /// <summary>The clusters of its targets, also of those that are being let go.</summary>
    [AlwaysInterleave, Alias("GetClusters")]
    Task<IReadOnlyList<string>> GetClustersAsync();

    /// <summary>Errors: <see cref="GrainRefusedException"/> for a request that can't be meant, or of a suspended application.</summary>
    [Alias("Sync")]
    Task<string> SyncAsync(SyncRequest request);

    /// <summary>Asks Git now and reconciles.</summary>
    [Alias("Refresh")]
    Task<string> RefreshAsync();

    [Alias("Suspend")]
    Task<string> SuspendAsync(bool suspend);

    /// <summary>Ends the running operation at its next safe point.</summary>
    [AlwaysInterleave, Alias("Terminate")]
    Task<string> TerminateAsync();

    /// <summary>
    /// Lets held prunes go on; the answer says which. Errors: <see cref="GrainRefusedException"/> when one that is named is
    /// not held.
    /// </summary>
    [Alias("Approve")]
    Task<OperationView> ApproveAsync(ApproveRequest request);

    /// <summary>
    /// Puts back deleted objects, from what was kept of them for 14 days, as objects that Git does not desire. They keep out of
    /// prunes until Git has them again. The operation says for each cluster what came back.
    /// </summary>
    [Alias("Restore")]
    Task<string> RestoreAsync(RestoreRequest request);

    /// <summary>What was deleted and can be restored, newest first, at most 1000 objects of each target.</summary>
    [AlwaysInterleave, ResponseTimeout(AnswerTimes.Longest), Alias("GetTombstones")]
    Task<IReadOnlyList<TombstoneView>> GetTombstonesAsync();

    /// <summary>
    /// Pushes a commit that restores the application's files as they were, and follows its sync. Errors:
    /// <see cref="GrainRefusedException"/> for a request that can't be meant.
    /// </summary>
    /// <param name="by">Who asks for it, for the commit's message.</param>
    [Alias("RollBack")]
    Task<string> RollBackAsync(RollbackRequest request, string by);

    /// <summary>Where the objects of the newest rendered revision come from, in order of their ids.</summary>
    /// <param name="only">Null: all.</param>
    /// <param name="cluster">As this one has it; null: where clusters have different manifests, those of the first.</param>
    [AlwaysInterleave, ResponseTimeout(AnswerTimes.Longest), Alias("Blame")]
    Task<BlameAnswer> BlameAsync(ObjectReference? only, string? cluster, int offset, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// The manifests of one of its targets, in pages. Errors: <see cref="GrainRefusedException"/> where there are none, where they are
    /// not kept any more, and where clusters have different ones and none is named.
    /// </summary>
    /// <param name="cluster">Null: any, where all have the same.</param>
    [AlwaysInterleave, ResponseTimeout(AnswerTimes.Longest), Alias("GetManifests")]
    Task<ManifestsView> GetManifestsAsync(string? cluster, ManifestsQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// Runs an administrator's action on one object. Its operation is over when this returns. Errors:
    /// <see cref="GrainRefusedException"/>; nothing was written then.
    /// </summary>
    [AlwaysInterleave, Alias("RunAction")]
    Task<string> RunActionAsync(ActionRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// The operation when its phase, progress or message changes, or after <paramref name="wait"/> (20 s at most); at once
    /// when it is over. Null when it is not known.
    /// </summary>
    [AlwaysInterleave, ResponseTimeout(AnswerTimes.Held), Alias("GetOperation")]
    Task<OperationView?> GetOperationAsync(string id, TimeSpan wait, CancellationToken cancellationToken);

    /// <summary>
    /// Renders another revision of its source for a comparison; the desired state stays what it is. Errors:
    /// <see cref="GrainRefusedException"/> when there is no such application, or its project does not allow its repository.
    /// </summary>
    [AlwaysInterleave, ResponseTimeout(AnswerTimes.Longest), Alias("RenderRevision")]
    Task<RenderedRevision> RenderRevisionAsync(string revision, CancellationToken cancellationToken);

    /// <summary>The targets that have nothing of the newest commits, and why: their cluster's version is not known, or the render fails for it.</summary>
    [AlwaysInterleave, Alias("GetWaiting")]
    Task<IReadOnlyList<TargetView>> GetWaitingAsync();

    /// <summary>Starts the work of this application after a start of the silo.</summary>
    [Alias("Wake")]
    Task WakeAsync();
}

/// <summary>What a deletion does to live objects.</summary>
[GenerateSerializer, Alias("gog.Cascade")]
public enum Cascade
{
    Keep = 0,
    Foreground = 1,
    Background = 2,
}
