using System.Globalization;
using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Applications;
using GitOpsGrains.Abstractions.Catalog;
using GitOpsGrains.Abstractions.Clusters;
using GitOpsGrains.Abstractions.Credentials;
using GitOpsGrains.Abstractions.Fleet;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Projects;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Documents.Validation;

namespace GitOpsGrains.Gateway.Fleet;

/// <summary>
/// Everything that the faces offer, in terms of grains: REST and gRPC are thin over it. Errors:
/// <see cref="GrainRefusedException"/>.
/// </summary>
public sealed class FleetFacade(IGrainFactory grains)
{
    private const int FanOut = 64;
    private const int MaxOffset = 1_000_000;

    public IGrainFactory Grains => grains;

    /// <summary>
    /// Stores checked documents, one stage after the other; names first, so that nothing that is acknowledged can be forgotten. A
    /// document that is refused ends it: what was stored before stays, and the same apply again goes on.
    /// </summary>
    public async Task<ApplyResponse> ApplyAsync(IReadOnlyList<Document> documents, bool dryRun)
    {
        var keys = documents.Select(KeyOf).ToArray();
        var results = new ApplyResult[documents.Count];
        if (dryRun)
        {
            foreach (var window in Enumerable.Range(0, documents.Count).Chunk(FanOut))
                await Task.WhenAll(window.Select(async index => results[index] = await PreviewAsync(documents[index], keys[index])));
            return new ApplyResponse { DryRun = true, Results = results };
        }
        // Things come before those that name them, so that an application finds its repository and clusters at once.
        foreach (var stage in Enumerable.Range(0, documents.Count).GroupBy(index => KindOf(documents[index])).OrderBy(group => StageOf(group.Key)))
        {
            CatalogEntry[] names = [.. stage.Select(index => new CatalogEntry(stage.Key, keys[index]))];
            await CatalogPartitions.AddAsync(grains, names);
            try
            {
                foreach (var window in stage.Chunk(FanOut))
                    await Task.WhenAll(window.Select(async index => results[index] = Result(documents[index], keys[index], await PutAsync(documents[index], keys[index]))));
            }
            catch (GrainRefusedException)
            {
                await DocumentNames.LeaveAbsentAsync(grains, names, FanOut);
                throw;
            }
            // A deletion of the document that was there before may have taken the name along.
            await CatalogPartitions.AddAsync(grains, names);
        }
        // What is acknowledged stands in the next list.
        await Task.WhenAll(documents.OfType<ApplicationDocument>().Select(KeyOf).GroupBy(CatalogPartitions.Of)
            .Select(group => grains.GetGrain<IFleetIndexGrain>(group.Key).NoteAsync([.. group])));
        return new ApplyResponse { Results = results };
    }

    public Task<RepositoryView?> GetRepositoryAsync(string name) => grains.GetGrain<IRepositoryGrain>(name).GetAsync();

    public Task<RepositoryCredentialsDocument?> GetRepositoryCredentialsAsync(string name) => grains.GetGrain<IRepositoryCredentialsGrain>(0).GetAsync(name);

    public async Task DeleteRepositoryCredentialsAsync(string name)
    {
        await grains.GetGrain<IRepositoryCredentialsGrain>(0).DeleteAsync(name);
        await DocumentNames.LeaveAsync(grains, new CatalogEntry(CatalogKind.RepositoryCredentials, name));
    }

    public Task<ClusterView?> GetClusterAsync(string name) => grains.GetGrain<IClusterGrain>(name).GetAsync();

    public async Task<ProjectView?> GetProjectAsync(string name) =>
        await FindProjectAsync(name) is { } document ? ViewOf(document, await CountApplicationsAsync()) : null;

    internal async Task<ProjectView?> GetProjectAsync(string name, IReadOnlyDictionary<string, int> applications) =>
        await FindProjectAsync(name) is { } document ? ViewOf(document, applications) : null;

    /// <summary>Of all projects; asked once for a whole list.</summary>
    internal async Task<IReadOnlyDictionary<string, int>> CountApplicationsAsync() =>
        (await CatalogPartitions.ListAsync(grains, CatalogKind.Application)).CountBy(key => GrainKeys.ParseApplication(key).Project).ToDictionary();

    private async Task<ProjectDocument?> FindProjectAsync(string name) => await grains.GetGrain<IProjectGrain>(name).GetAsync()
        ?? (name == ProjectDocument.Default ? new ProjectDocument { Metadata = new DocumentMetadata { Name = name } } : null);

    private static ProjectView ViewOf(ProjectDocument document, IReadOnlyDictionary<string, int> applications) => new()
    {
        Metadata = document.Metadata,
        Spec = document.Spec,
        Status = new ProjectStatusView { Applications = applications.GetValueOrDefault(document.Metadata.Name) },
    };

    public Task<ApplicationView?> GetApplicationAsync(string key) => grains.GetGrain<IApplicationGrain>(key).GetAsync();

    public IApplicationGrain Application(string key) => grains.GetGrain<IApplicationGrain>(key);

    public async Task DeleteRepositoryAsync(string name)
    {
        await grains.GetGrain<IRepositoryGrain>(name).DeleteAsync();
        await DocumentNames.LeaveAsync(grains, new CatalogEntry(CatalogKind.Repository, name));
    }

    public async Task DeleteClusterAsync(string name)
    {
        await grains.GetGrain<IClusterGrain>(name).DeleteAsync();
        await DocumentNames.LeaveAsync(grains, new CatalogEntry(CatalogKind.Cluster, name));
    }

    public Task TakeOverClusterAsync(string name) => grains.GetGrain<IClusterGrain>(name).TakeOverAsync();

    public async Task DeleteProjectAsync(string name)
    {
        CatalogEntry[] named = [.. (await CatalogPartitions.ListAsync(grains, CatalogKind.Application))
            .Where(key => GrainKeys.ParseApplication(key).Project == name).Select(key => new CatalogEntry(CatalogKind.Application, key))];
        // A name without an application is left from one that was never stored.
        foreach (var window in named.Chunk(FanOut))
            if ((await Task.WhenAll(window.Select(application => DocumentNames.IsThereAsync(grains, application)))).Contains(true))
                throw new GrainRefusedException(RefusalKind.Conflict, $"project {name} still has applications; delete them or move them first");
        await CatalogPartitions.RemoveAsync(grains, named);
        await grains.GetGrain<IProjectGrain>(name).DeleteAsync();
        await DocumentNames.LeaveAsync(grains, new CatalogEntry(CatalogKind.Project, name));
    }

    /// <summary>The targets of an application, without their objects.</summary>
    public async Task<IReadOnlyList<TargetView>> GetTargetsAsync(string key)
    {
        var views = await WindowedAsync(await TargetKeysAsync(key), target => grains.GetGrain<ITargetGrain>(target).GetViewAsync());
        return WaitingTargets.AddTo([.. views.Select(view => view with { Objects = null })], await Application(key).GetWaitingAsync());
    }

    public async Task<TargetView?> GetTargetAsync(string key, string cluster)
    {
        var target = TargetKey(key, cluster);
        TargetView[] known = (await TargetKeysAsync(key)).Contains(target) ? [await grains.GetGrain<ITargetGrain>(target).GetViewAsync()] : [];
        var views = WaitingTargets.AddTo(known, [.. (await Application(key).GetWaitingAsync()).Where(waiting => waiting.Cluster == cluster)]);
        return views is [var view] ? view : null;
    }

    /// <summary>What a sync would change, on one cluster or all. Nothing is written or stored.</summary>
    /// <param name="revision">A branch, tag, ref or commit of the application's repository, SOURCE:REV of one of several; null: the desired revision.</param>
    public async Task<DiffView> GetDiffAsync(string key, string? cluster, string? revision, CancellationToken cancellationToken)
    {
        var targets = await TargetKeysAsync(key);
        if (cluster is not null)
            targets = targets.Contains(TargetKey(key, cluster)) ? [TargetKey(key, cluster)]
                : throw Absent.Target(key, cluster);
        var rendered = revision is null ? null : await RenderAsync(key, revision, cancellationToken);
        var diffs = await WindowedAsync(targets, target => grains.GetGrain<ITargetGrain>(target).GetDiffAsync(rendered, cancellationToken));
        return new DiffView
        {
            Revision = rendered?.Revision.Commit ?? (await GetApplicationAsync(key))?.Status.Revision ?? "",
            Targets = diffs,
            Equal = diffs.All(diff => diff.Error is null && diff.Objects.Count == 0),
        };
    }

    /// <summary>The actions that an object has at the moment, by the administrator's customizations.</summary>
    public async Task<IReadOnlyList<ActionView>> GetActionsAsync(string key, string cluster, string id, CancellationToken cancellationToken)
    {
        if (!ResourceId.TryParse(id, out var parsed)) throw new GrainRefusedException(RefusalKind.Invalid, $"object: '{id}' is no group/Kind:namespace/name");
        var target = TargetKey(key, cluster);
        if (!(await TargetKeysAsync(key)).Contains(target)) throw Absent.Target(key, cluster);
        return await grains.GetGrain<ITargetGrain>(target).GetActionsAsync(parsed, cancellationToken);
    }

    /// <summary>Runs one of them; the id of its operation.</summary>
    public Task<string> RunActionAsync(string key, ActionRequest request, CancellationToken cancellationToken) =>
        request is { Cluster.Length: > 0, Object.Length: > 0, Action.Length: > 0 }
            ? Application(key).RunActionAsync(request, cancellationToken)
            : throw new GrainRefusedException(RefusalKind.Invalid, "the body names cluster, object and action");

    private async Task<RenderedRevision> RenderAsync(string key, string revision, CancellationToken cancellationToken)
    {
        var rendered = await Application(key).RenderRevisionAsync(revision, cancellationToken);
        if (rendered.Conditions.Count == 0) return rendered;
        var first = rendered.Conditions[0];
        var place = first.File is null ? "" : $"{first.File}{(first.Document is { } index ? $" document {index}" : "")}: ";
        throw new GrainRefusedException(
            first.Type is ConditionTypes.RevisionMissing or ConditionTypes.PathMissing ? RefusalKind.NotFound : RefusalKind.Conflict,
            $"revision {revision} can't be compared: {place}{(first.Object is { } id ? $"{id.Display}: " : "")}{first.Message}{(rendered.Conditions.Count > 1 ? $" (and {rendered.Conditions.Count - 1} more)" : "")}");
    }

    /// <summary>Which commits the objects come from.</summary>
    /// <param name="cluster">As this one has them; null: the first.</param>
    /// <param name="after">From the page before.</param>
    public async Task<ListView<BlameView>> GetBlameAsync(string key, string? only, string? cluster, int limit, string? after, CancellationToken cancellationToken)
    {
        ObjectReference? reference = null;
        if (!string.IsNullOrEmpty(only) && !ObjectReference.TryParse(only, out reference)) throw new GrainRefusedException(RefusalKind.Invalid, $"object: '{only}' is no {ObjectReference.Shape}");
        var offset = 0;
        if (!string.IsNullOrEmpty(after) && (!int.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out offset) || offset > MaxOffset))
            throw new GrainRefusedException(RefusalKind.Invalid, "continue: is none of a page of this list");
        var answer = await Application(key).BlameAsync(reference, cluster, offset, limit, cancellationToken);
        if (answer.Conditions.Count > 0) throw new GrainRefusedException(RefusalKind.Conflict, answer.Conditions[0].Message);
        return new ListView<BlameView>
        {
            Items = [.. answer.Entries.Select(BlameOf)],
            Continue = answer.Rest == 0 ? null : (offset + answer.Entries.Count).ToString(CultureInfo.InvariantCulture),
            Total = offset + answer.Entries.Count + answer.Rest,
        };
    }

    private static BlameView BlameOf(BlameEntry entry) => new()
    {
        Object = entry.Object.ToString(),
        Repository = entry.Repository,
        File = entry.File,
        Document = entry.Document < 0 ? null : entry.Document,
        Commit = entry.Revision is { } commit ? new CommitView { Id = commit.Commit, Author = commit.Author, Message = commit.Message, Time = commit.Time, PullRequest = commit.PullRequest } : null,
    };

    /// <summary>The syncs of all targets, newest first, at most 100.</summary>
    public async Task<IReadOnlyList<HistoryView>> GetHistoryAsync(string key)
    {
        var histories = await WindowedAsync(await TargetKeysAsync(key), target => grains.GetGrain<ITargetGrain>(target).GetHistoryAsync());
        return [.. histories.SelectMany(history => history).OrderByDescending(entry => entry.Started).Take(100)];
    }

    public Task<OperationView?> GetOperationAsync(string id, TimeSpan wait, CancellationToken cancellationToken) =>
        OperationIds.ApplicationOf(id) is { } key
            ? grains.GetGrain<IApplicationGrain>(key).GetOperationAsync(id, wait, cancellationToken)
            : Task.FromResult<OperationView?>(null);

    /// <summary>Runs calls in bounded windows, in order.</summary>
    internal static async Task<IReadOnlyList<T>> WindowedAsync<T>(IReadOnlyList<string> keys, Func<string, Task<T>> call)
    {
        var results = new List<T>(keys.Count);
        foreach (var window in keys.Chunk(FanOut)) results.AddRange(await Task.WhenAll(window.Select(call)));
        return results;
    }

    internal async Task<IReadOnlyList<string>> TargetKeysAsync(string key)
    {
        _ = await GetApplicationAsync(key) ?? throw Absent.Application(key);
        return [.. (await Application(key).GetClustersAsync()).Select(cluster => TargetKey(key, cluster)).Order(StringComparer.Ordinal)];
    }

    internal static string TargetKey(string key, string cluster)
    {
        var (project, name) = GrainKeys.ParseApplication(key);
        return GrainKeys.Target(project, name, cluster);
    }

    private async Task<ApplyResult> PreviewAsync(Document document, string key)
    {
        Document? before = document switch
        {
            RepositoryDocument => await GetRepositoryAsync(key) is { } view ? new RepositoryDocument { Metadata = view.Metadata, Spec = view.Spec } : null,
            ClusterDocument => await GetClusterAsync(key) is { } view ? new ClusterDocument { Metadata = view.Metadata, Spec = view.Spec } : null,
            ApplicationDocument => await GetApplicationAsync(key) is { } view ? new ApplicationDocument { Metadata = view.Metadata, Spec = view.Spec } : null,
            RepositoryCredentialsDocument => await GetRepositoryCredentialsAsync(key),
            _ => await grains.GetGrain<IProjectGrain>(key).GetAsync(),
        };
        return Result(document, key, before is null ? Change.Created
            : Documents.Json.DocumentJson.Same(before, document) ? Change.Unchanged : Change.Configured);
    }

    private Task<Change> PutAsync(Document document, string key) => document switch
    {
        RepositoryDocument repository => grains.GetGrain<IRepositoryGrain>(key).PutAsync(repository),
        RepositoryCredentialsDocument credentials => grains.GetGrain<IRepositoryCredentialsGrain>(0).PutAsync(credentials),
        ClusterDocument cluster => grains.GetGrain<IClusterGrain>(key).PutAsync(cluster),
        ProjectDocument project => grains.GetGrain<IProjectGrain>(key).PutAsync(project),
        ApplicationDocument application => grains.GetGrain<IApplicationGrain>(key).PutAsync(application),
        _ => throw new GrainRefusedException(RefusalKind.Invalid, $"a {document.Kind} can't be stored"),
    };

    private static ApplyResult Result(Document document, string key, Change change) => new()
    {
        Kind = document.Kind,
        Name = key,
        Result = change switch
        {
            Change.Created => ApplyOutcome.Created,
            Change.Configured => ApplyOutcome.Configured,
            _ => ApplyOutcome.Unchanged,
        },
    };

    private static CatalogKind KindOf(Document document) => document switch
    {
        RepositoryDocument => CatalogKind.Repository,
        ProjectDocument => CatalogKind.Project,
        ClusterDocument => CatalogKind.Cluster,
        RepositoryCredentialsDocument => CatalogKind.RepositoryCredentials,
        _ => CatalogKind.Application,
    };

    /// <summary>A repository asks its server as soon as it is stored, with the credentials of its prefix.</summary>
    private static int StageOf(CatalogKind kind) => kind == CatalogKind.RepositoryCredentials ? -1 : (int)kind;

    internal static string KeyOf(Document document) => document is ApplicationDocument application
        ? GrainKeys.Application(application.Spec.Project, document.Metadata.Name)
        : document.Metadata.Name;
}
