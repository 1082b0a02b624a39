using System.Text.Json;
using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Grains.Targets;

/// <summary>
/// Finds what a target's objects own (the ReplicaSets, Jobs and Pods of workloads) and what the cluster tells of all of them, by a
/// bounded number of requests. What could not be looked at is in the notes.
/// </summary>
/// <param name="allowed">The only namespaces that may be asked for; none: all.</param>
internal sealed class FamilyReader(IClusterConnection connection, ApiCatalog catalog, string cluster, IReadOnlyList<string> allowed)
{
    public const int MaxRequests = 40;
    public const int MaxNamespaces = 16;
    private const int PageSize = 500;
    private const int MaxPages = 10;

    /// <summary>So few are asked for one by one: what else happens in their namespaces costs nothing then.</summary>
    private const int Few = 8;

    /// <summary>Servers keep the events of objects without a namespace there.</summary>
    private const string HomeOfScopeless = "default";

    private static readonly (string Group, string Kind, string[] Owners)[] Owned =
    [
        ("apps", "ReplicaSet", ["Deployment", "Rollout"]),
        ("batch", "Job", ["CronJob"]),
        ("", "Pod", ["Deployment", "Rollout", "ReplicaSet", "StatefulSet", "DaemonSet", "ReplicationController", "Job", "CronJob"]),
    ];

    private readonly List<string> _notes = [];
    private int _requests;

    public IReadOnlyList<string> Notes => _notes;

    /// <summary>The roots, and what they own. Errors: <see cref="GrainRefusedException"/> where the cluster can't be asked.</summary>
    public async Task<IReadOnlyList<FamilyMember>> ReadAsync(IReadOnlyList<FamilyMember> roots, CancellationToken cancellationToken)
    {
        var family = new Dictionary<string, FamilyMember>(StringComparer.Ordinal);
        foreach (var root in roots) family.TryAdd(root.Uid, root);
        foreach (var (group, kind, owners) in Owned)
        {
            if (catalog.Find(group, kind) is not { } resource) continue;
            var spaces = roots.Where(root => owners.Contains(root.Id.Kind)).Select(root => root.Id.Namespace).Distinct(StringComparer.Ordinal);
            foreach (var space in Bounded(spaces))
                foreach (var live in await ListAsync(resource, space, fields: null, metadataOnly: true, cancellationToken) ?? [])
                    if (OwnerOf(live, family) is { } owner) family.TryAdd(live.Uid, new FamilyMember(live.Id, live.Uid, owner.Root));
        }
        return [.. family.Values];
    }

    /// <summary>The events of the members, in no order. Errors: <see cref="GrainRefusedException"/> where none can be read.</summary>
    public async Task<IReadOnlyList<(LiveEvent Event, FamilyMember About)>> ReadEventsAsync(IReadOnlyList<FamilyMember> members, CancellationToken cancellationToken)
    {
        if (catalog.Find("", "Event") is not { } events || !events.Verbs.Contains("list")) throw new GrainRefusedException(RefusalKind.Conflict, $"cluster {cluster} serves no events");
        var byUid = members.ToDictionary(member => member.Uid, StringComparer.Ordinal);
        var lists = members.Count <= Few
            ? members.Select(member => (Space: SpaceOf(member.Id), Fields: (string?)$"involvedObject.uid={member.Uid}"))
            : Bounded(members.Select(member => SpaceOf(member.Id)).Distinct(StringComparer.Ordinal)).Select(space => (Space: space, Fields: (string?)null));
        var (found, isAnswered) = (new List<(LiveEvent, FamilyMember)>(), false);
        foreach (var (space, fields) in lists.ToArray())
        {
            if (await ListAsync(events, space, fields, metadataOnly: false, cancellationToken) is not { } page) continue;
            isAnswered = true;
            found.AddRange(page.Select(LiveEvent.From).Where(item => byUid.ContainsKey(item.Uid)).Select(item => (item, byUid[item.Uid])));
        }
        // What was noted last is why the events can't be had; before it, something else may have been missed.
        return isAnswered || members.Count == 0 ? found : throw new GrainRefusedException(RefusalKind.Conflict, _notes[^1]);
    }

    private static string SpaceOf(ResourceId id) => id.Namespace.Length == 0 ? HomeOfScopeless : id.Namespace;

    private static FamilyMember? OwnerOf(LiveObject live, Dictionary<string, FamilyMember> family)
    {
        if (live.Metadata.ValueKind != JsonValueKind.Object || !live.Metadata.TryGetProperty("ownerReferences", out var owners) || owners.ValueKind != JsonValueKind.Array) return null;
        foreach (var owner in owners.EnumerateArray())
            if (owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty("uid", out var uid) && uid.ValueKind == JsonValueKind.String && family.TryGetValue(uid.GetString()!, out var member))
                return member;
        return null;
    }

    private IEnumerable<string> Bounded(IEnumerable<string> spaces)
    {
        var all = spaces.Order(StringComparer.Ordinal).ToArray();
        if (all.Length > MaxNamespaces) Note($"the objects lie in {all.Length} namespaces, and only the first {MaxNamespaces} were looked at; name an object");
        return all.Take(MaxNamespaces);
    }

    /// <summary>Null where the list may not be read.</summary>
    private async Task<IReadOnlyList<LiveObject>?> ListAsync(ApiResource resource, string space, string? fields, bool metadataOnly, CancellationToken cancellationToken)
    {
        if (allowed.Count > 0 && !allowed.Contains(space, StringComparer.Ordinal))
        {
            Note($"cluster {cluster} is limited to the namespaces {string.Join(", ", allowed)}: namespace {space} was not looked at");
            return null;
        }
        var (found, next) = (new List<LiveObject>(), (string?)null);
        for (var page = 0; page < MaxPages; page++)
        {
            if (++_requests > MaxRequests)
            {
                Note($"not all was looked at: that takes more than {MaxRequests} requests; name an object");
                return found;
            }
            var answer = await connection.ListAsync(resource, new ListQuery(space, null, metadataOnly, PageSize, next) { FieldSelector = fields }, cancellationToken);
            if (!answer.IsSuccess) return Missed(resource, space, answer.Error) ? found : null;
            found.AddRange(answer.Value.Objects);
            next = answer.Value.Continue;
            if (next is null) return found;
        }
        Note($"namespace {space} has more than {MaxPages * PageSize} {resource.Plural}, and no others were looked at; name an object");
        return found;
    }

    /// <summary>True: what was read before counts.</summary>
    private bool Missed(ApiResource resource, string space, ClusterError error)
    {
        switch (error.Kind)
        {
            case ClusterErrorKind.Forbidden or ClusterErrorKind.NotFound:
                Note($"cluster {cluster} does not let {resource.Plural} of namespace {space} be listed: {error.Message}");
                return false;
            case ClusterErrorKind.Gone:
                Note($"the {resource.Plural} of namespace {space} changed while they were listed, and some may be missing");
                return true;
            default:
                throw new GrainRefusedException(RefusalKind.Conflict, $"cluster {cluster} can't be asked now: {error.Message}");
        }
    }

    private void Note(string note)
    {
        if (!_notes.Contains(note, StringComparer.Ordinal)) _notes.Add(note);
    }
}
