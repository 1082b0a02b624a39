using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Grains.Clusters;

namespace GitOpsGrains.Grains.Targets;

/// <summary>What a sync would change, of the desired revision or another: dry runs against the live objects, and no write.</summary>
public sealed partial class TargetGrain
{
    private const int MaxFieldsShown = 100;

    /// <summary>Characters of all texts of one answer.</summary>
    private const int MaxDiffText = 2 * 1024 * 1024;

    public async Task<TargetDiffView> GetDiffAsync(RenderedRevision? revision, CancellationToken cancellationToken)
    {
        if (_state.State.Desired is not { } desired) return DiffFailed("there is no desired state yet");
        if (_state.State.Releasing is not null) return DiffFailed("the application is being deleted");
        if (await ConnectAsync() is not { } session) return DiffFailed(FirstCondition("the cluster is not connected yet"));
        DesiredState? built;
        if (revision is null)
        {
            built = await BuildAsync(session, desired);
            if (built is null) return DiffFailed(FirstCondition("there is nothing to compare"));
            await WatchKindsAsync(session, built);
            if (built.IsOutline && !Plan(session, built).IsEmpty)
            {
                BringBodies();
                built = await BuildAsync(session, desired);
                if (built is null) return DiffFailed(FirstCondition("there is nothing to compare"));
            }
        }
        else
        {
            (built, var fault) = await BuildForDiffAsync(session, desired, revision, cancellationToken);
            if (built is null) return DiffFailed(fault);
        }
        return await CompareAllAsync(session, built, cancellationToken);
    }

    private TargetDiffView DiffFailed(string error) => new() { Cluster = _cluster, Error = error };

    private string FirstCondition(string otherwise) => _conditions.Count > 0 ? ConditionViews.Sentence(_conditions[0]) : otherwise;

    /// <summary>The objects of another revision as this target would want them; nothing of the target's own state changes.</summary>
    private async Task<(DesiredState? Built, string Fault)> BuildForDiffAsync(
        ClusterSession session, TargetDesired desired, RenderedRevision revision, CancellationToken cancellationToken)
    {
        if (revision.SetOf(_cluster) is not { } wanted) return (null, revision.Missing.GetValueOrDefault(_cluster, "the revision was not rendered for this cluster"));
        var (set, _) = await LoadOrRenderAsync(wanted.SetDigest, key: null, new RenderSubject { Sources = revision.Sources, Scope = wanted.Scope }, cancellationToken);
        if (set is null) return (null, "the manifests of this revision are not at hand");
        if (session.State.Catalog is not { } catalog) return (null, "the cluster is not connected now");
        var (owner, before) = (await OwnerAsync(), _built);
        var built = await Task.Run(() => DesiredState.Build(set, catalog, revision.Namespace, owner, before, new SyncOptionSet(desired.Sync.Options)), cancellationToken);
        if (built.Faults.Count > 0) return (null, ConditionViews.Sentence(ConditionOf(built.Faults[0], built)) + More(built.Faults.Count));
        var refused = NotAllowed(session, desired, built);
        return refused.Count > 0 ? (null, ConditionViews.Sentence(refused[0]) + More(refused.Count)) : (built, "");

        static string More(int count) => count > 1 ? $" (and {count - 1} more)" : "";
    }

    private async Task<TargetDiffView> CompareAllAsync(ClusterSession session, DesiredState built, CancellationToken cancellationToken)
    {
        var plan = Plan(session, built);
        var objects = new List<ObjectDiffView>();
        var spaces = built.Objects.Where(item => item.Id is { Group: "", Kind: "Namespace" }).Select(item => item.Id.Name).ToHashSet(StringComparer.Ordinal);
        if (_state.State.Desired is { } desired && desired.Sync.Options.Contains(SyncOptions.CreateNamespace)) spaces.Add(desired.Namespace);
        foreach (var window in plan.Applies.Chunk(MaxInFlight))
            objects.AddRange((await Task.WhenAll(window.Select(apply => DiffApplyAsync(session, apply.Desired, spaces, cancellationToken)))).OfType<ObjectDiffView>());
        foreach (var window in plan.PruneCandidates.Chunk(MaxInFlight))
            objects.AddRange((await Task.WhenAll(window.Select(entry => DiffPruneAsync(session, entry, cancellationToken)))).OfType<ObjectDiffView>());
        return new TargetDiffView { Cluster = _cluster, Objects = Cut(objects.OrderBy(diff => diff.Id, StringComparer.Ordinal)) };
    }

    /// <summary>Exact: what a forced dry run makes of the live object. Null when nothing would change but what is ignored.</summary>
    private async Task<ObjectDiffView?> DiffApplyAsync(ClusterSession session, DesiredObject desired, HashSet<string> spaces, CancellationToken cancellationToken)
    {
        var (connection, catalog) = (session.State.Connection, session.State.Catalog);
        if (connection is null || catalog is null) return DiffOf(desired.Id, "update") with { Error = "the cluster is not connected now" };
        var mask = MaskOf(desired.Id);
        // Its definition comes with it.
        if (ResourceOf(catalog, desired) is not { } resource) return Created(desired.Id, desired.Json(), mask);
        var read = await connection.GetAsync(resource, desired.Id, cancellationToken);
        if (!read.IsSuccess && read.Error.Kind != ClusterErrorKind.NotFound) return DiffOf(desired.Id, "update") with { Error = read.Error.Message };
        var live = read.Value;
        if (live is null) return await DiffCreateAsync(connection, resource, desired, spaces, cancellationToken);
        var policy = LivePolicy.Of(PolicyOf(desired), live);
        if (!policy.IsCompared) return null;
        var dry = await ObjectDryRun.SendAsync(connection, resource, desired, live, policy, cancellationToken);
        if (!dry.IsSuccess) return DiffOf(desired.Id, "update") with { Error = dry.Error.Message };
        var ignores = IgnoresOf(desired.Id);
        var differences = DriftBasis.Differences(desired, dry.Value.Root, live, policy, ignores, mask);
        if (differences.Count == 0) return null;
        var text = UnifiedDiff.OfUpdate(dry.Value.Root, live, ignores, mask);
        return WithText(DiffOf(desired.Id, "update"), text) with { Fields = [.. differences.Take(MaxFieldsShown).Select(difference => Changed(difference, live))] };
    }

    private async Task<ObjectDiffView?> DiffCreateAsync(
        IClusterConnection connection, ApiResource resource, DesiredObject desired, HashSet<string> spaces, CancellationToken cancellationToken)
    {
        if (PolicyOf(desired).IsIgnored) return null;
        var mask = MaskOf(desired.Id);
        var dry = await connection.ApplyAsync(resource, desired.Id, desired.Body, new ApplyOptions(DryRun: true, Force: true), cancellationToken);
        if (dry.IsSuccess) return Created(desired.Id, dry.Value.Root, mask);
        // Its namespace comes with it.
        var waits = dry.Error.Kind == ClusterErrorKind.NotFound && spaces.Contains(desired.Id.Namespace);
        return Created(desired.Id, desired.Json(), mask) with { Error = waits ? null : dry.Error.Message };
    }

    /// <summary>An object that left Git; null when it is gone already.</summary>
    private async Task<ObjectDiffView?> DiffPruneAsync(ClusterSession session, InventoryEntry entry, CancellationToken cancellationToken)
    {
        var candidate = await ReadCandidateAsync(session, entry, cancellationToken);
        if (candidate.Outcome == ReadOutcome.NotFound) return null;
        if (candidate.Live is not { } live) return DiffOf(entry.Id, "delete") with { Error = "could not be read" };
        return WithText(DiffOf(entry.Id, "delete"), UnifiedDiff.OfDelete(live, MaskOf(entry.Id))) with { Note = StaysSince(live) };
    }

    private string? StaysSince(LiveObject live)
    {
        if (_state.State.Desired is { Sync.Prune.Enabled: false }) return "stays: prune is off";
        var annotations = live.Metadata.TryGetProperty("annotations", out var map) && map.ValueKind == System.Text.Json.JsonValueKind.Object
            ? map.EnumerateObject().Where(entry => entry.Value.ValueKind == System.Text.Json.JsonValueKind.String)
                .ToDictionary(entry => entry.Name, entry => entry.Value.GetString()!, StringComparer.Ordinal)
            : [];
        return ObjectAnnotations.KeptBy(annotations) is { } kept ? $"stays: {kept}"
            : ObjectAnnotations.NeedsConfirmation(annotations) || _state.State.Desired?.Sync.Prune.ConfirmKinds.Contains(live.Id.Kind) == true ? "waits for approval" : null;
    }

    private static ObjectDiffView Created(ResourceId id, System.Text.Json.JsonElement wanted, ValueMask mask) =>
        WithText(DiffOf(id, "create"), UnifiedDiff.OfCreate(id, wanted, mask));

    private static ObjectDiffView WithText(ObjectDiffView view, UnifiedText text) => view with { Diff = text.Text, DiffIsCut = text.IsCut ? true : null };

    private static DriftView Changed(FieldDifference difference, LiveObject live) =>
        WithOwner(new DriftView { Path = difference.Path, From = difference.From, To = difference.To }, FieldOwners.Of(live, difference.Path));

    private static DriftView WithOwner(DriftView view, FieldOwner? owner) => owner is null ? view
        : view with { Manager = owner.Manager, Operation = owner.Operation, Time = owner.Time, Likely = owner.IsLikely ? true : null };

    /// <summary>What an answer can hold: further objects are named without their text.</summary>
    private static ObjectDiffView[] Cut(IEnumerable<ObjectDiffView> objects)
    {
        var left = MaxDiffText;
        return [.. objects.Select(view => (left -= view.Diff?.Length ?? 0) >= 0 ? view : view with { Diff = null, DiffIsCut = true, Fields = [] })];
    }

    private static ObjectDiffView DiffOf(ResourceId id, string change) =>
        new() { Id = id.ToString(), Group = id.Group, Kind = id.Kind, Namespace = id.Namespace, Name = id.Name, Change = change };
}
