using System.Text.Json;
using System.Text.Json.Nodes;
using GitOpsGrains.Abstractions.Applications;
using GitOpsGrains.Abstractions.Catalog;
using GitOpsGrains.Abstractions.Clusters;
using GitOpsGrains.Abstractions.Projects;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Engine.Policy;

namespace GitOpsGrains.Grains.Applications;

/// <summary>One pass: resolve, render, hand down, let go.</summary>
public sealed partial class ApplicationGrain
{
    private const int FanOut = 64;
    private static readonly TimeSpan AgainAfter = TimeSpan.FromSeconds(15);

    private IGrainTimer? _again;

    private AllowedObjects _allowed = new();

    /// <summary>Null when the project could not be asked.</summary>
    private IReadOnlyList<SyncWindowSpec>? _windows;

    private async Task ReconcileAsync()
    {
        var (askGit, isDemanded) = (_askGit, _isDemanded);
        (_askGit, _isDemanded) = (false, false);
        var due = _state.State.Operations.Where(operation => !operation.IsOver).ToArray();
        if (Document is null) return;
        // News of a commit that the pass before has found by itself: it asked Git, and the poll that answered it told everybody.
        if (!isDemanded && _conditions.Count == 0 && _state.State.Rendered?.Commit == _heardOf) return;
        if (_state.State.Deleting is { } deletion)
        {
            await LetGoOfAllAsync(deletion);
            return;
        }
        var clusters = await ChooseClustersAsync(Document.Spec.Destination);
        var (rendered, conditions) = await RenderAsync(Document, clusters, askGit);
        _conditions = conditions;
        await RememberWindowsAsync();
        // A refusal or a failed render changes nothing on any cluster: what was handed down stands, with its clusters and its namespace.
        if (rendered is not null) await RememberAsync(rendered, clusters);
        var sync = conditions.Count == 0 ? await BeginSyncAsync(due) : null;
        if (_state.State.Rendered is not null) await HandDownAsync(sync);
        if (conditions.Count == 0) await Repository(Document.Spec.OnlySource!.Repository).SettleAsync(Key, rendered!.Tree);
        await LetGoOfLeavingAsync();
        if (conditions.Count == 0) await LeaveOtherRepositoriesAsync();
        await FinishPassAsync(due, conditions);
        Announce();
        if (conditions.Count > 0) TryAgainLater();
    }

    /// <summary>What failed may come right by itself: a server that is back, a repository that was registered.</summary>
    private void TryAgainLater()
    {
        if (_again is not null) return;
        _again = this.RegisterGrainTimer(_ =>
        {
            _again?.Dispose();
            _again = null;
            Reconcile(askGit: false);
            return Task.CompletedTask;
        }, new GrainTimerCreationOptions(AgainAfter, Timeout.InfiniteTimeSpan) { Interleave = true, KeepAlive = true });
    }

    private async Task<IReadOnlyList<string>> ChooseClustersAsync(DestinationSpec destination)
    {
        if (destination.ClusterSelector is not { } selector) return [.. destination.Clusters.Distinct(StringComparer.Ordinal)];
        var chosen = new List<string>();
        foreach (var window in (await CatalogPartitions.ListAsync(GrainFactory, CatalogKind.Cluster)).Chunk(FanOut))
        {
            var views = await Task.WhenAll(window.Select(name => GrainFactory.GetGrain<IClusterGrain>(name).GetAsync()));
            chosen.AddRange(views.Where(view => view is not null && selector.Matches(view.Metadata.Labels)).Select(view => view!.Metadata.Name));
        }
        return chosen;
    }

    /// <summary>The newest set that can be had; the one before stands when there are conditions.</summary>
    private async Task<(RenderedState? Rendered, IReadOnlyList<Condition> Conditions)> RenderAsync(
        ApplicationDocument document, IReadOnlyList<string> clusters, bool askGit)
    {
        var source = document.Spec.OnlySource!;
        if (await RefuseAsync(document, clusters) is { } refusal) return (null, [refusal]);
        var repository = Repository(source.Repository);
        var answer = await repository.ResolveAsync(RefQuery.Of(source), askGit, _stopping.Token);
        if (answer.Revision is not { } revision) return (null, [answer.Condition!]);
        if (!_state.State.Repositories.Contains(source.Repository))
        {
            _state.State.Repositories.Add(source.Repository);
            await StoreAsync();
        }
        var scope = RenderScopes.Of(document);
        var render = await repository.RenderAsync(new RenderOrder(Key, clusters, source, revision.Commit, scope), _stopping.Token);
        if (!render.IsSuccess && !(render.IsEmpty && document.Spec.Sync.Prune.AllowEmpty)) return (null, render.Conditions);
        return (new RenderedState
        {
            Commit = revision.Commit,
            Author = revision.Author,
            Message = revision.Message,
            Time = revision.Time,
            Ref = revision.Ref,
            SetDigest = render.SetDigest,
            RenderKey = render.RenderKey,
            Tree = render.Tree,
            Source = source,
            Scope = scope,
            Namespace = document.Spec.Destination.Namespace,
        }, []);
    }

    /// <summary>Why the project does not let the application be as its document says; else its limits on objects are taken over.</summary>
    private async Task<Condition?> RefuseAsync(ApplicationDocument document, IReadOnlyList<string> clusters)
    {
        var (name, source) = (document.Spec.Project, document.Spec.OnlySource!);
        _windows = null;
        var project = await GrainFactory.GetGrain<IProjectGrain>(name).GetAsync();
        if (project is null && name != ProjectDocument.Default) return NotAllowed($"there is no project {name}");
        var spec = project?.Spec ?? new ProjectSpec();
        _allowed = new AllowedObjects { Namespaces = spec.Namespaces, Kinds = spec.Kinds };
        _windows = SyncWindows.Concerning(spec.SyncWindows, document.Metadata.Name, document.Spec.Destination.Namespace, clusters);
        if (!NamePattern.MatchesAny(spec.Repositories, source.Repository)) return NotAllowed($"project {name} does not allow the repository {source.Repository}");
        var refused = clusters.FirstOrDefault(cluster => !NamePattern.MatchesAny(spec.Clusters, cluster));
        return refused is null ? null : NotAllowed($"project {name} does not allow the cluster {refused}");
    }

    private Condition NotAllowed(string message) => new() { Type = ConditionTypes.NotAllowed, Message = message, Since = _time.GetUtcNow() };

    /// <summary>Windows hold also while the source can't be rendered: drift is repaired then too.</summary>
    private async Task RememberWindowsAsync()
    {
        if (_windows is not { } windows || SameWindows(windows, _state.State.Windows)) return;
        _state.State.Windows = [.. windows];
        _state.State.Sequence++;
        await StoreAsync();
    }

    private static bool SameWindows(IReadOnlyList<SyncWindowSpec> left, IReadOnlyList<SyncWindowSpec> right) => left.Count == right.Count
        && JsonNode.DeepEquals(JsonSerializer.SerializeToNode(left, DocumentJson.Rest), JsonSerializer.SerializeToNode(right, DocumentJson.Rest));

    /// <summary>Stores what is to be handed down before anybody sees it.</summary>
    private async Task RememberAsync(RenderedState rendered, IReadOnlyList<string> clusters)
    {
        var state = _state.State;
        var leaving = state.Clusters.Except(clusters, StringComparer.Ordinal).ToArray();
        var joining = clusters.Except(state.Clusters, StringComparer.Ordinal).ToArray();
        var newSet = state.Rendered is not { } old || old.Commit != rendered.Commit || old.SetDigest != rendered.SetDigest
            || old.RenderKey != rendered.RenderKey || old.Namespace != rendered.Namespace
            || (old.Source.Repository, old.Source.Ref, old.Source.TagPrefix, old.Source.Path)
                != (rendered.Source.Repository, rendered.Source.Ref, rendered.Source.TagPrefix, rendered.Source.Path)
            || old.Ref != rendered.Ref;
        var sameLimits = state.Allowed.Kinds.SequenceEqual(_allowed.Kinds) && state.Allowed.Namespaces.SequenceEqual(_allowed.Namespaces);
        if (!newSet && leaving.Length == 0 && joining.Length == 0 && sameLimits) return;
        var (project, name) = Abstractions.Identity.GrainKeys.ParseApplication(Key);
        await CatalogPartitions.AddAsync(GrainFactory, joining.Select(cluster =>
            new CatalogEntry(CatalogKind.Target, Abstractions.Identity.GrainKeys.Target(project, name, cluster))));
        var cascade = Document!.Spec.DeletionPolicy == DeletionPolicies.Delete ? Cascade.Foreground : Cascade.Keep;
        foreach (var cluster in leaving) state.Leaving[cluster] = new LeavingTarget { Cascade = cascade, OperationId = OperationIds.New(Key) };
        foreach (var cluster in joining) state.Leaving.Remove(cluster);
        state.Clusters = [.. clusters];
        state.Allowed = _allowed;
        if (newSet) state.Rendered = rendered;
        state.Sequence++;
        await StoreAsync();
    }

    /// <summary>Gives the desired state to every target that is not known to have it, and an order to sync to all.</summary>
    private async Task HandDownAsync(ApplicationOperation? sync)
    {
        var state = _state.State;
        var desired = new TargetDesired
        {
            Sequence = state.Sequence,
            Revision = state.Rendered!.Revision,
            SetDigest = state.Rendered.SetDigest,
            Source = state.Rendered.Source,
            Scope = state.Rendered.Scope,
            Namespace = state.Rendered.Namespace,
            Sync = Document!.Spec.Sync,
            Suspended = Document.Spec.Suspend,
            DeepInterval = Document.Spec.DriftCheck.DeepInterval,
            Allowed = state.Allowed,
            Windows = state.Windows,
            IgnoreDifferences = Document.Spec.IgnoreDifferences,
        };
        var order = sync is null ? null : SyncOrders.Of(sync);
        var behind = state.Clusters.Where(cluster => order is not null || _summaries.GetValueOrDefault(cluster)?.DesiredSequence != state.Sequence).ToArray();
        foreach (var window in behind.Chunk(FanOut))
            foreach (var summary in await Task.WhenAll(window.Select(cluster => Target(cluster).SetDesiredAsync(desired, order))))
                Take(summary);
        if (sync is null) return;
        sync.HandedDown = true;
        await StoreAsync();
    }

    /// <summary>A repository that still counted on this application would hold the prunes of all others until it settles there.</summary>
    private async Task LeaveOtherRepositoriesAsync()
    {
        var left = _state.State.Repositories.Where(name => name != _state.State.Rendered!.Source.Repository).ToArray();
        if (left.Length == 0) return;
        foreach (var name in left) await Repository(name).UnsubscribeAsync(Key);
        _state.State.Repositories.RemoveAll(left.Contains);
        await StoreAsync();
    }

    private async Task LetGoOfLeavingAsync()
    {
        foreach (var (cluster, leaving) in _state.State.Leaving.ToArray())
            await Target(cluster).ReleaseAsync(new TargetReleaseOrder { OperationId = leaving.OperationId, Cascade = leaving.Cascade });
    }

    private async Task LetGoOfAllAsync(DeletionIntent deletion)
    {
        foreach (var window in _state.State.Clusters.Concat(_state.State.Leaving.Keys).Distinct(StringComparer.Ordinal).ToArray().Chunk(FanOut))
            await Task.WhenAll(window.Select(cluster => Target(cluster).ReleaseAsync(
                new TargetReleaseOrder { OperationId = deletion.OperationId, Cascade = deletion.Cascade, Force = deletion.Force })));
        await FinishDeletionAsync();
    }
}
