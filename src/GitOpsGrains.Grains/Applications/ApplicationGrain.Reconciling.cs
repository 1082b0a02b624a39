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

    /// <summary>That work which nobody awaits keeps the activation.</summary>
    private static readonly TimeSpan StayAwake = TimeSpan.FromMinutes(2);

    /// <summary>That a pass may wait for its turn.</summary>
    private static readonly TimeSpan LongestTurn = TimeSpan.FromHours(2);

    private IGrainTimer? _again;

    /// <summary>Ends the wait for a turn.</summary>
    private CancellationTokenSource? _hurry;

    private AllowedObjects _allowed = new();

    /// <summary>By cluster that the project does not allow, what it says. What they have stays, and nothing of it is pruned.</summary>
    private IReadOnlyDictionary<string, IReadOnlyList<Condition>> _refused = new Dictionary<string, IReadOnlyList<Condition>>();

    /// <summary>Null when the project could not be asked.</summary>
    private IReadOnlyList<SyncWindowSpec>? _windows;

    /// <summary>Something was refused by the storage after it may have been handed down.</summary>
    private bool _isSequenceUnstored;

    private async Task ReconcileAsync()
    {
        // Held until the targets have been told: what they are told is what fills the memory.
        using var turn = await TakeTurnAsync();
        _stopping.Token.ThrowIfCancellationRequested();
        // Nothing is done for what is not stored yet: the storage may refuse it.
        await _writes.EndedAsync();
        var (askGit, isDemanded, heardOf) = (_askGit, _isDemanded, _heardOf.ToArray());
        (_askGit, _isDemanded) = (false, false);
        _heardOf.Clear();
        var due = _state.State.Operations.Where(operation => !operation.IsOver).ToArray();
        if (Document is not { } document) return;
        // News of a commit that the pass before has found by itself: it asked Git, and the poll that answered it told everybody.
        if (!isDemanded && _conditions.Count == 0 && _state.State.Rendered is { } known && heardOf.All(known.Commits.Contains)) return;
        if (_state.State.Deleting is { } deletion)
        {
            await LetGoOfAllAsync(deletion);
            return;
        }
        var clusters = await ChooseClustersAsync(document.Spec.Destination);
        var rendered = await RenderAsync(document, clusters, askGit);
        var conditions = rendered.Conditions;
        (_conditions, _waiting) = (conditions, rendered.Waiting ?? _waiting);
        await RememberWindowsAsync();
        // A document that came meanwhile says anew what is wanted where, and who is left and how: nothing is concluded from the old one.
        var isCurrent = ReferenceEquals(document, Document);
        // A refusal or a failed render changes nothing on any cluster: what was handed down stands, with its clusters and its namespace.
        if (isCurrent && rendered.State is { } state) isCurrent = await RememberAsync(document, state, clusters);
        var isSound = isCurrent && conditions.Count == 0;
        var sync = isSound ? await BeginSyncAsync(due) : null;
        if (_state.State.Rendered is not null) await HandDownAsync(sync);
        if (isSound) await SettleAsync(rendered);
        if (isCurrent && ReferenceEquals(document, Document)) await LetGoOfLeavingAsync();
        else Reconcile(askGit);
        if (isSound) await LeaveOtherRepositoriesAsync();
        if (isCurrent) await FinishPassAsync(due, conditions);
        Announce();
        if (rendered.MayComeRight) TryAgainLater();
    }

    /// <summary>Somebody waits for the end of something.</summary>
    private bool IsAskedFor => _state.State.Deleting is not null || _state.State.Operations.Exists(operation => !operation.IsOver);

    /// <summary>What a person asked for waits for no turn.</summary>
    private async ValueTask<PassTurns.Turn> TakeTurnAsync()
    {
        if (Document is not { } document || IsAskedFor) return PassTurns.Turn.None;
        using var hurry = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        var taking = _turns.TakeAsync(document.Spec.AllSources[0].Repository, hurry.Token);
        if (taking.IsCompleted) return await taking;
        _hurry = hurry;
        // Nobody tells it anything meanwhile, and what it has heard of is in its memory alone.
        DelayDeactivation(LongestTurn);
        try
        {
            return await taking;
        }
        finally
        {
            _hurry = null;
            DelayDeactivation(StayAwake);
        }
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

    /// <summary>
    /// Why the project does not let the application be as its document says, for any cluster; else its limits on objects are taken
    /// over, and the clusters that it does not allow are told apart.
    /// </summary>
    private async Task<Condition?> RefuseAsync(ApplicationDocument document, IReadOnlyList<string> clusters)
    {
        var name = document.Spec.Project;
        _windows = null;
        var project = await GrainFactory.GetGrain<IProjectGrain>(name).GetAsync();
        if (project is null && name != ProjectDocument.Default) return NotAllowed($"there is no project {name}");
        var spec = project?.Spec ?? new ProjectSpec();
        _allowed = new AllowedObjects { Namespaces = spec.Namespaces, Kinds = spec.Kinds };
        _windows = SyncWindows.Concerning(spec.SyncWindows, document.Metadata.Name, document.Spec.Destination.Namespace, clusters);
        if (document.Spec.AllSources.FirstOrDefault(source => !NamePattern.MatchesAny(spec.Repositories, source.Repository)) is { } source)
            return NotAllowed($"project {name} does not allow the repository {source.Repository}");
        _refused = clusters.Where(cluster => !NamePattern.MatchesAny(spec.Clusters, cluster))
            .ToDictionary(cluster => cluster, cluster => (IReadOnlyList<Condition>)[NotAllowed($"project {name} does not allow the cluster {cluster}")], StringComparer.Ordinal);
        return _refused.Count > 0 && _refused.Count == clusters.Count ? _refused[clusters[0]][0] : null;
    }

    private Condition NotAllowed(string message) => new() { Type = ConditionTypes.NotAllowed, Message = message, Since = _time.GetUtcNow() };

    /// <summary>Windows hold also while the source can't be rendered: drift is repaired then too.</summary>
    private async Task RememberWindowsAsync()
    {
        if (_windows is not { } windows || SameWindows(windows, _state.State.Windows)) return;
        _state.State.Windows = [.. windows];
        _state.State.PolicySequence = ++_state.State.Sequence;
        await StoreAsync();
    }

    private static bool SameWindows(IReadOnlyList<SyncWindowSpec> left, IReadOnlyList<SyncWindowSpec> right) => left.Count == right.Count
        && JsonNode.DeepEquals(JsonSerializer.SerializeToNode(left, DocumentJson.Rest), JsonSerializer.SerializeToNode(right, DocumentJson.Rest));

    /// <summary>Stores what is to be handed down before anybody sees it. False, with nothing changed: the document was replaced.</summary>
    private async Task<bool> RememberAsync(ApplicationDocument document, RenderedState rendered, IReadOnlyList<string> clusters)
    {
        var state = _state.State;
        var leaving = state.Clusters.Except(clusters, StringComparer.Ordinal).ToArray();
        var joining = clusters.Except(state.Clusters, StringComparer.Ordinal).ToArray();
        var newSet = state.Rendered is not { } old || !old.SameAs(rendered);
        var sameLimits = state.Allowed.Kinds.SequenceEqual(_allowed.Kinds) && state.Allowed.Namespaces.SequenceEqual(_allowed.Namespaces);
        if (!newSet && leaving.Length == 0 && joining.Length == 0 && sameLimits)
        {
            if (state.Rendered!.RenderedBy == rendered.RenderedBy) return true;
            // The same of another build: the next start need not render it to know that.
            state.Rendered.RenderedBy = rendered.RenderedBy;
            await StoreAsync();
            return true;
        }
        var (project, name) = Abstractions.Identity.GrainKeys.ParseApplication(Key);
        await CatalogPartitions.AddAsync(GrainFactory, joining.Select(cluster =>
            new CatalogEntry(CatalogKind.Target, Abstractions.Identity.GrainKeys.Target(project, name, cluster))));
        if (!ReferenceEquals(document, Document)) return false;
        var cascade = document.Spec.DeletionPolicy == DeletionPolicies.Delete ? Cascade.Foreground : Cascade.Keep;
        foreach (var cluster in leaving) state.Leaving[cluster] = new LeavingTarget { Cascade = cascade, OperationId = OperationIds.New(Key) };
        foreach (var cluster in joining) state.Leaving.Remove(cluster);
        state.Clusters = [.. clusters];
        state.Allowed = _allowed;
        var keptBefore = state.Earlier.Keys.ToHashSet(StringComparer.Ordinal);
        KeepEarlier(rendered, clusters, joining);
        if (newSet) state.Rendered = rendered;
        state.Sequence++;
        // A cluster that keeps what it had may be one that the project does not allow, and is handed down no prune.
        if (!sameLimits || !newSet || leaving.Length > 0 || joining.Length > 0 || !keptBefore.SetEquals(state.Earlier.Keys)) state.PolicySequence = state.Sequence;
        await StoreAsync();
        return true;
    }

    /// <summary>A cluster that waits keeps what it was given before, under the policy of now.</summary>
    private void KeepEarlier(RenderedState rendered, IReadOnlyList<string> clusters, IReadOnlyList<string> joining)
    {
        var state = _state.State;
        var waiting = clusters.Where(cluster => rendered.SetOf(cluster) is null).ToHashSet(StringComparer.Ordinal);
        foreach (var cluster in waiting.Except(joining, StringComparer.Ordinal).Where(cluster => !state.Earlier.ContainsKey(cluster) && state.Rendered?.SetOf(cluster) is not null))
            state.Earlier[cluster] = state.Rendered!.For(cluster);
        foreach (var cluster in state.Earlier.Keys.Except(waiting, StringComparer.Ordinal).ToArray()) state.Earlier.Remove(cluster);
    }

    private async Task SettleAsync(RenderedNow rendered)
    {
        // An array: how to copy any other list Orleans looks up each time.
        foreach (var (repository, tree) in rendered.Trees) await Repository(repository).SettleAsync(Key, tree, rendered.Waiting!.Keys.ToArray());
    }

    /// <summary>Gives the desired state to every target that is not known to have it, and an order to sync to all.</summary>
    private async Task HandDownAsync(ApplicationOperation? sync)
    {
        if (_isSequenceUnstored)
        {
            await StoreAsync();
            _isSequenceUnstored = false;
        }
        var state = _state.State;
        var order = sync is null ? null : SyncOrders.Of(sync);
        var behind = state.Clusters.Where(cluster => (order is not null && sync!.Clusters.Contains(cluster)) || _summaries.GetValueOrDefault(cluster)?.DesiredSequence != state.Sequence).ToArray();
        var failed = new List<Task>();
        foreach (var window in behind.Chunk(FanOut))
        {
            var parts = window.Select(cluster => HandDownAsync(cluster, sync?.Clusters.Contains(cluster) == true ? order : null)).ToArray();
            // A target that can't take its own must not keep the others from theirs; the pass is run again for it.
            await ((Task)Task.WhenAll(parts)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            foreach (var part in parts)
                if (!part.IsCompletedSuccessfully) failed.Add(part);
                else if (await part is { } summary) Take(summary);
        }
        if (failed.Count > 0) await Task.WhenAll(failed);
        if (sync is null) return;
        sync.HandedDown = true;
        try
        {
            await StoreAsync();
        }
        finally
        {
            // Targets that had nothing to write may have said that they are done before their answers came.
            Pull();
        }
    }

    /// <summary>Null for a cluster that waits and was never given anything.</summary>
    private async Task<TargetSummary?> HandDownAsync(string cluster, TargetSyncOrder? order)
    {
        var (state, spec) = (_state.State, Document!.Spec);
        var rendered = state.Earlier.GetValueOrDefault(cluster) ?? state.Rendered!;
        if (rendered.SetOf(cluster) is not { } set) return null;
        return await Target(cluster).SetDesiredAsync(new TargetDesired
        {
            Sequence = state.Sequence,
            PolicySequence = state.PolicySequence,
            Revision = rendered.Revision,
            SetDigest = set.SetDigest,
            Source = rendered.Source,
            Sources = rendered.Sources,
            Scope = set.Scope,
            Namespace = rendered.Namespace,
            Sync = _refused.ContainsKey(cluster) ? spec.Sync with { Prune = spec.Sync.Prune with { Enabled = false } } : spec.Sync,
            Suspended = spec.Suspend,
            DeepInterval = spec.DriftCheck.DeepInterval,
            Allowed = state.Allowed,
            Windows = state.Windows,
            IgnoreDifferences = spec.IgnoreDifferences,
        }, order);
    }

    /// <summary>A repository that still counted on this application would hold the prunes of all others until it settles there.</summary>
    private async Task LeaveOtherRepositoriesAsync()
    {
        var left = _state.State.Repositories.Except(_state.State.Rendered!.AllSources.Select(source => source.Source.Repository), StringComparer.Ordinal).ToArray();
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
        foreach (var window in AllClusters().Chunk(FanOut))
            await Task.WhenAll(window.Select(cluster => Target(cluster).ReleaseAsync(
                new TargetReleaseOrder { OperationId = deletion.OperationId, Cascade = deletion.Cascade, Force = deletion.Force })));
        await FinishDeletionAsync();
    }
}
