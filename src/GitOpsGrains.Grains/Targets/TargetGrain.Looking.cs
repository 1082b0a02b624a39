using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Resources;
using RefusalKind = GitOpsGrains.Abstractions.RefusalKind;

namespace GitOpsGrains.Grains.Targets;

/// <summary>What the cluster tells of this target's objects and of what they own: events, and the logs of pods. Read when it is asked for.</summary>
public sealed partial class TargetGrain
{
    private const int MaxLogBytes = 512 * 1024;

    public async Task<EventsView> GetEventsAsync(EventsQuery query, CancellationToken cancellationToken)
    {
        _ = EventPages.After(query.After);
        var roots = LiveRoots();
        if (roots.Count == 0) return new EventsView { Cluster = _cluster, Notes = [$"{_project}/{_application} has no objects on cluster {_cluster}"] };
        var (_, _, reader) = await FamilyReaderAsync();
        var members = query.Object is { } wanted ? await ChooseAsync(reader, roots, wanted, cancellationToken) : await reader.ReadAsync(roots, cancellationToken);
        var events = await reader.ReadEventsAsync(members, cancellationToken);
        return EventPages.Of(_cluster, events, query, reader.Notes);
    }

    public async Task<LogsView> GetLogsAsync(LogsQuery query, CancellationToken cancellationToken)
    {
        var roots = LiveRoots().Where(root => query.Pod.Namespace is null || root.Id.Namespace == query.Pod.Namespace).ToArray();
        var (connection, catalog, reader) = await FamilyReaderAsync();
        if (catalog.Find("", "Pod") is not { } pods) throw new GrainRefusedException(RefusalKind.Conflict, $"cluster {_cluster} serves no pods");
        var found = (await reader.ReadAsync(roots, cancellationToken)).Where(member => query.Pod.Matches(member.Id)).ToArray();
        if (found.Length == 0) throw new GrainRefusedException(RefusalKind.NotFound, $"{query.Pod} is no pod of {_project}/{_application} on cluster {_cluster}{But(reader)}");
        if (found.Length > 1) throw new GrainRefusedException(RefusalKind.Invalid, $"object: several pods have this name; name one in full: {string.Join(", ", found.Take(3).Select(member => member.Id))}");
        var log = await connection.ReadLogAsync(pods, found[0].Id, new LogQuery(query.Container, query.Tail, MaxLogBytes), cancellationToken);
        if (!log.IsSuccess) throw new GrainRefusedException(RefusedAs(log.Error), $"{found[0].Id.Display}: {log.Error.Message}");
        return new LogsView { Cluster = _cluster, Object = found[0].Id.ToString(), Container = query.Container, Text = log.Value.Text, Cut = log.Value.IsCut };
    }

    /// <summary>What this target has on the cluster, by its own knowledge: its objects, and the hooks of the last sync.</summary>
    private IReadOnlyList<FamilyMember> LiveRoots() =>
    [
        .. _inventory.Entries.Values.Select(entry => FamilyMember.Of(entry.Id, entry.Uid))
            .Concat((_state.State.Intent?.Hooks ?? []).Select(hook => FamilyMember.Of(hook.Id, hook.Uid)))
            .Where(member => member.Uid.Length > 0).DistinctBy(member => member.Uid).OrderBy(member => member.Id),
    ];

    private async Task<(IClusterConnection Connection, ApiCatalog Catalog, FamilyReader Reader)> FamilyReaderAsync()
    {
        var session = await ConnectAsync();
        if (session is { State: { IsReady: true, Connection: { } connection, Catalog: { } catalog } })
            return (connection, catalog, new FamilyReader(connection, catalog, _cluster, session.Namespaces));
        throw new GrainRefusedException(RefusalKind.Conflict, $"cluster {_cluster} can't be asked now: {session?.State.Condition?.Message ?? FirstCondition("it is not connected yet")}");
    }

    /// <summary>Those of the target's objects that are meant, with what they own; else those that are owned.</summary>
    private async Task<IReadOnlyList<FamilyMember>> ChooseAsync(FamilyReader reader, IReadOnlyList<FamilyMember> roots, ObjectReference wanted, CancellationToken cancellationToken)
    {
        var own = roots.Where(root => wanted.Matches(root.Id)).ToArray();
        if (own.Length > 0) return await reader.ReadAsync(own, cancellationToken);
        FamilyMember[] owned = [.. (await reader.ReadAsync(roots, cancellationToken)).Where(member => wanted.Matches(member.Id))];
        return owned.Length > 0 ? owned
            : throw new GrainRefusedException(RefusalKind.NotFound, $"{wanted} is no object of {_project}/{_application} on cluster {_cluster}, nor owned by one{But(reader)}");
    }

    private static string But(FamilyReader reader) => reader.Notes.Count > 0 ? $"; but {reader.Notes[0]}" : "";

    private static RefusalKind RefusedAs(ClusterError error) => error.Kind switch
    {
        ClusterErrorKind.NotFound => RefusalKind.NotFound,
        ClusterErrorKind.Invalid => RefusalKind.Invalid,
        _ => RefusalKind.Conflict,
    };
}
