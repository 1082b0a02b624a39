using System.Text;
using System.Text.Json.Nodes;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Health;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Grains.Clusters;

namespace GitOpsGrains.Grains.Targets;

/// <summary>What other objects need first: the kinds of new definitions, and the namespace.</summary>
public sealed partial class TargetGrain
{
    private static readonly TimeSpan EstablishPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan EstablishPause = TimeSpan.FromMilliseconds(100);

    private bool _hasAskedForKinds;

    /// <summary>Waits until the definitions of a stage are established and the cluster serves their kinds.</summary>
    private async Task AwaitDefinitionsAsync(ClusterSession session, SyncRun run, ApplyStage stage, CancellationToken cancellationToken)
    {
        var began = _time.GetTimestamp();
        foreach (var definition in stage.Applies.Select(apply => apply.Desired))
        {
            if (await AwaitEstablishedAsync(session, definition, began, cancellationToken)) continue;
            if (session.State.Catalog is not null)
                run.Add(definition.Id, WriteOutcome.Failed($"was not established within {EstablishPatience.TotalSeconds:0} s"), definition.Position);
            return;
        }
        await AwaitKindsAsync(session, began, cancellationToken);
    }

    /// <summary>False: not within a minute, or the cluster is out of reach.</summary>
    private async Task<bool> AwaitEstablishedAsync(ClusterSession session, DesiredObject definition, long began, CancellationToken cancellationToken)
    {
        while (session.State is { Catalog: { } catalog, Connection: { } connection } && ResourceOf(catalog, definition) is { } resource)
        {
            var read = await connection.GetAsync(resource, definition.Id, cancellationToken);
            if (read.IsSuccess && HealthRules.IsEstablished(read.Value)) return true;
            if (_time.GetElapsedTime(began) > EstablishPatience) return false;
            await Task.Delay(EstablishPause, _time, cancellationToken);
        }
        return false;
    }

    /// <summary>An established kind shows in discovery a moment later.</summary>
    private async Task AwaitKindsAsync(ClusterSession session, long began, CancellationToken cancellationToken)
    {
        while (_time.GetElapsedTime(began) <= EstablishPatience)
        {
            var catalog = await session.RediscoverAsync(cancellationToken);
            if (catalog is not null && _built!.Objects.All(item => ResourceOf(catalog, item) is not null))
            {
                // What waits for kinds of others was built without them: it is to be built anew.
                if (_built.Waiting == 0) _builtFrom = _builtFrom with { Catalog = catalog };
                await WatchKindsAsync(session, _built);
                return;
            }
            await Task.Delay(EstablishPause, _time, cancellationToken);
        }
    }

    /// <summary>
    /// Before a sync with kinds that the cluster did not serve when it was last asked it is asked again: a definition that is applied
    /// already is awaited by no sync, be it that the one that applied it ended before its kind was served, or that others made it.
    /// True: it was asked in this round, and the next one goes by what it said.
    /// </summary>
    private async Task<bool> AsksForKindsAsync(ClusterSession session, DesiredState built)
    {
        (var hasAsked, _hasAskedForKinds) = (_hasAskedForKinds, false);
        if (hasAsked || session.State.Catalog is not { } known || built.Objects.All(item => ResourceOf(known, item) is not null)) return false;
        _hasAskedForKinds = true;
        await session.RediscoverAsync(_stopping.Token);
        return true;
    }

    /// <summary>
    /// Makes the destination namespace where the option says so and nothing else declares it, before anything is dry-run in
    /// it (as Argo CD does). It carries nothing of ours: it is in no inventory, so nothing here can ever prune it.
    /// Returns why it could not be made, or null.
    /// </summary>
    private async Task<string?> CreateNamespaceAsync(ClusterSession session, TargetDesired desired, CancellationToken cancellationToken)
    {
        if (!desired.Sync.Options.Contains(SyncOptions.CreateNamespace) || desired.Namespace.Length == 0) return null;
        var id = new ResourceId("", "Namespace", "", desired.Namespace);
        if (_objects.GetValueOrDefault(id)?.Desired is not null) return null;
        if (session.State is not { Connection: { } connection, Catalog: { } catalog }) return "the cluster is not connected now";
        if (catalog.Find("", "Namespace") is not { } resource || OtherOwner(session, id) is not null) return null;
        var read = await connection.GetAsync(resource, id, cancellationToken);
        if (!read.IsSuccess && read.Error.Kind != ClusterErrorKind.NotFound) return desired.Sync.ManagedNamespaceMetadata is null ? null : read.Error.Message;
        var wanted = desired.Sync.ManagedNamespaceMetadata;
        // Of one that an application has in Git nothing is written here: an apply of ours would drop what that one applied.
        var manager = Tracking.NamespaceManager(_owner!);
        if (read.Value is { } live && (wanted is null || TrackingId.OwnerOf(live) is not null || (HasMarks(live, wanted) && !HasMore(live, wanted, manager)))) return null;
        await _fence.EnsureAsync(cancellationToken);
        var body = NamespaceBody(id.Name, wanted);
        var made = wanted is null
            ? await connection.CreateAsync(resource, id, body, cancellationToken)
            : await connection.ApplyAsync(resource, id, body, new ApplyOptions(DryRun: false, Force: true) { Manager = manager }, cancellationToken);
        if (made.IsSuccess || made.Error.Kind == ClusterErrorKind.AlreadyExists) return null;
        LogNamespaceNotCreated(Key, id.Name, made.Error.Message);
        return $"the namespace {id.Name} could not be made: {made.Error.Message}";
    }

    private static bool HasMarks(LiveObject live, NamespaceMetadata wanted) =>
        wanted.Labels.All(label => live.Label(label.Key) == label.Value) && wanted.Annotations.All(annotation => live.Annotation(annotation.Key) == annotation.Value);

    /// <summary>Something that was wanted before is wanted no more.</summary>
    private static bool HasMore(LiveObject live, NamespaceMetadata wanted, string manager)
    {
        if (ManagedFields.Of(live).FirstOrDefault(entry => entry.Manager == manager) is not { } entry) return false;
        var fields = entry.Fields();
        return Names("f:labels").Except(wanted.Labels.Keys, StringComparer.Ordinal).Any() || Names("f:annotations").Except(wanted.Annotations.Keys, StringComparer.Ordinal).Any();

        IEnumerable<string> Names(string map) => fields.Find("f:metadata", map)?.FieldNames ?? [];
    }

    private static ReadOnlyMemory<byte> NamespaceBody(string name, NamespaceMetadata? wanted)
    {
        var metadata = new JsonObject { ["name"] = name };
        if (wanted is { Labels.Count: > 0 }) metadata["labels"] = new JsonObject([.. wanted.Labels.Select(label => KeyValuePair.Create<string, JsonNode?>(label.Key, label.Value))]);
        if (wanted is { Annotations.Count: > 0 }) metadata["annotations"] = new JsonObject([.. wanted.Annotations.Select(annotation => KeyValuePair.Create<string, JsonNode?>(annotation.Key, annotation.Value))]);
        return Encoding.UTF8.GetBytes(new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = metadata }.ToJsonString());
    }
}
