using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Schemas;

namespace GitOpsGrains.Simulation.Fields;

/// <summary>Fields of others that an apply without force would change.</summary>
internal sealed class FieldConflictException(IReadOnlyList<(ManagerId Manager, string Path)> conflicts) : Exception("fields of others")
{
    public IReadOnlyList<(ManagerId Manager, string Path)> Conflicts { get; } = conflicts;
}

/// <summary>Whose apply it is, of what part of the object, and when.</summary>
internal readonly record struct ApplyMark(string Manager, string Subresource, bool Force, string Now);

/// <summary>
/// Server-side apply: who owns which field, and what a write makes of an object. Objects here have no managedFields; those
/// travel beside them. Errors: <see cref="TypedValueException"/>, <see cref="FieldConflictException"/>.
/// </summary>
internal static class FieldManager
{
    public const string BeforeFirstApply = "before-first-apply";

    /// <param name="live">Null where the object is new.</param>
    /// <param name="fields">Of the live object; changed in place.</param>
    public static JsonObject Apply(JsonObject? live, ManagedFields fields, JsonObject applied, ResourceKind kind, ApplyMark mark)
    {
        var type = kind.Type;
        TypedValue.Check(applied, type);
        var (manager, subresource, force, now) = mark;
        var mine = new ManagerId(manager, ManagerOperation.Apply, kind.ApiVersion, subresource);
        if (live is not null && fields.Entries.Count == 0)
            fields.Set(new ManagerId(BeforeFirstApply, ManagerOperation.Update, kind.ApiVersion, ""), Owned(TypedValue.Fields(live, type), kind, ""), now);
        var before = fields.Find(mine);
        var set = Owned(TypedValue.Fields(applied, type), kind, subresource);
        var merged = (JsonObject)Merging.Merge(live ?? Bare(applied), applied, type)!;
        if (before is { } last)
        {
            var others = fields.Entries.Where(entry => entry.Key != last.Key).Aggregate(set, (all, entry) => all.Union(entry.Value.Fields));
            var dropped = last.Value.Fields.WithoutHeld(others);
            if (!dropped.IsEmpty) merged = (JsonObject)(Merging.Remove(merged, dropped, type) ?? new JsonObject());
            if (last.Key != mine) fields.Remove(last.Key);
        }

        var comparison = Comparison.Of(live ?? Bare(applied), merged, type);
        var changed = Owned(comparison.Changed, kind, subresource);
        RefuseConflicts(fields, mine, changed, force);
        fields.TakeFromOthers(mine, changed.Union(comparison.Removed));
        var isUnchanged = before is { } old && old.Key == mine && old.Value.Fields.SetEquals(set);
        fields.Set(mine, set, isUnchanged ? before!.Value.Value.Time : now);
        return merged;
    }

    /// <summary>A create, an update or a patch that is no apply. Returns whether anything changed.</summary>
    public static bool Update(JsonObject? live, ManagedFields fields, JsonObject next, ResourceKind kind, string manager, string subresource, string now)
    {
        var comparison = Comparison.Of(live ?? Bare(next), next, kind.Type);
        if (comparison.IsSame) return false;
        var mine = new ManagerId(manager, ManagerOperation.Update, kind.ApiVersion, subresource);
        var changed = Owned(comparison.Changed, kind, subresource);
        var before = fields.Entries.TryGetValue(mine, out var entry) ? entry.Fields : FieldSet.Empty;
        fields.TakeFromOthers(mine, changed.Union(comparison.Removed));
        fields.Set(mine, before.Union(changed).Without(comparison.Removed), now);
        return true;
    }

    private static void RefuseConflicts(ManagedFields fields, ManagerId mine, FieldSet changed, bool force)
    {
        if (force) return;
        var conflicts = fields.Entries.Where(entry => (entry.Key.Manager, entry.Key.Operation) != (mine.Manager, mine.Operation))
            .SelectMany(entry => entry.Value.Fields.Intersect(changed).Paths().Select(path => (entry.Key, path))).ToList();
        if (conflicts.Count > 0) throw new FieldConflictException(conflicts);
    }

    /// <summary>What a manager can own: not the object's identity and what the server itself writes.</summary>
    private static FieldSet Owned(FieldSet set, ResourceKind kind, string subresource)
    {
        var owned = set.Drop("f:apiVersion").Drop("f:kind").DropBelow("f:metadata", ServerFields);
        if (subresource == "status" || !kind.HasStatus) return owned;
        return owned.Drop("f:status");
    }

    private static readonly HashSet<string> ServerFields =
    [
        "f:name", "f:namespace", "f:creationTimestamp", "f:deletionTimestamp", "f:deletionGracePeriodSeconds", "f:selfLink", "f:uid", "f:generation",
        "f:managedFields", "f:resourceVersion", "f:clusterName",
    ];

    private static JsonObject Bare(JsonObject applied) =>
        new() { ["apiVersion"] = applied["apiVersion"]?.DeepClone(), ["kind"] = applied["kind"]?.DeepClone() };
}
