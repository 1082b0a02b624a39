using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Clusters;
using GitOpsGrains.Simulation.Objects;
using GitOpsGrains.Simulation.Schemas;

namespace GitOpsGrains.Simulation.Workloads;

/// <summary>The garbage collector and the namespace controller.</summary>
internal static class Collector
{
    private const string Manager = "kube-controller-manager";
    private const string Foreground = "foregroundDeletion";

    private static readonly WriteOptions Writing = new(Manager, false, false, false);
    private static readonly DeletionOptions Deleting = new(null, null, "Background", false);

    /// <summary>Goes on with an object that is being deleted. False if it isn't.</summary>
    public static bool Work(SimulatedCluster cluster, ObjectAddress address)
    {
        lock (cluster.Store.Gate)
        {
            if (Read(cluster, address) is not { } node || !ObjectMetadata.IsDeleting(node)) return false;
            var finalizers = ObjectMetadata.Finalizers(node).Select(static name => name!.ToString()).ToList();
            var uid = ObjectMetadata.Text(node, "uid")!;
            if (finalizers.Contains("orphan"))
            {
                foreach (var (kind, stored) in Dependents(cluster, uid)) Disown(cluster, kind, stored, owner => Uid(owner) != uid);
                Release(cluster, address, node, "orphan");
            }
            else if (finalizers.Contains(Foreground))
            {
                // Those alone that say so hold their owner back; the others follow it.
                foreach (var (kind, stored) in Dependents(cluster, uid).Where(entry => Blocks(entry, uid))) Collect(cluster, kind, stored, uid, isOwnerWaiting: true);
                if (!Dependents(cluster, uid).Any(entry => Blocks(entry, uid))) Release(cluster, address, node, Foreground);
            }

            if (address.Kind.Storage == "namespaces") Empty(cluster, address.Name);
            return true;
        }
    }

    /// <summary>After an object is gone: its dependents go too, and what waited for it goes on.</summary>
    public static void Follow(SimulatedCluster cluster, StoredObject gone)
    {
        lock (cluster.Store.Gate)
        {
            foreach (var (kind, stored) in Dependents(cluster, gone.Uid)) Collect(cluster, kind, stored, gone.Uid, isOwnerWaiting: false);
            ReleaseNamespace(cluster, gone.Namespace);
            foreach (var owner in References(gone.ToNode(ResourceKind.None)))
                if (Find(cluster, owner, gone.Namespace) is { } found && found.Stored.Mentions("foregroundDeletion"u8)) Work(cluster, AddressOf(found.Kind, found.Stored));
        }
    }

    /// <summary>Takes an object away whose owners are all gone, and else the references to those that are.</summary>
    public static void CheckOwners(SimulatedCluster cluster, ObjectAddress address)
    {
        lock (cluster.Store.Gate)
        {
            if (cluster.Store.Of(address.Kind).Find(address.Namespace, address.Name) is not { Owners.Length: > 0 } stored) return;
            if (References(stored.ToNode(address.Kind)).Where(owner => !IsThere(cluster, owner, stored.Namespace)).Select(Uid).FirstOrDefault() is { } absent)
                Collect(cluster, address.Kind, stored, absent, isOwnerWaiting: false);
        }
    }

    /// <summary>An object that others own too stays theirs.</summary>
    private static void Collect(SimulatedCluster cluster, ResourceKind kind, StoredObject stored, string uid, bool isOwnerWaiting)
    {
        var others = References(stored.ToNode(kind)).Where(owner => Uid(owner) != uid && IsThere(cluster, owner, stored.Namespace)).Select(Uid).ToHashSet();
        if (others.Count > 0) Disown(cluster, kind, stored, owner => others.Contains(Uid(owner)));
        else cluster.Deleter.Delete(AddressOf(kind, stored), isOwnerWaiting && cluster.Store.Owners.DependentsOf(stored.Uid).Length > 0 ? Deleting with { Propagation = "Foreground" } : Deleting);
    }

    private static void Disown(SimulatedCluster cluster, ResourceKind kind, StoredObject stored, Func<JsonObject, bool> isKept)
    {
        var node = stored.ToNode(kind);
        node["metadata"]!["ownerReferences"] = new JsonArray([.. References(node).Where(isKept).Select(static owner => owner.DeepClone())]);
        cluster.Writer.Update(AddressOf(kind, stored), node, Writing);
    }

    /// <summary>Lets a namespace go that is being deleted and empty.</summary>
    private static void ReleaseNamespace(SimulatedCluster cluster, string space)
    {
        if (space.Length == 0) return;
        var address = new ObjectAddress(cluster.Store.Kinds.Find("", "v1", "namespaces")!, "", space, "");
        if (Read(cluster, address) is { } node && ObjectMetadata.IsDeleting(node)) Empty(cluster, space);
    }

    private static void Empty(SimulatedCluster cluster, string space)
    {
        foreach (var (kind, stored) in cluster.Store.In(space).ToList()) cluster.Deleter.Delete(AddressOf(kind, stored), Deleting);
        if (cluster.Store.In(space).Any()) return;
        var address = new ObjectAddress(cluster.Store.Kinds.Find("", "v1", "namespaces")!, "", space, "");
        if (Read(cluster, address) is not { } node || node["spec"] is not JsonObject spec || !spec.Remove("finalizers")) return;
        cluster.Writer.Update(address, node, Writing);
    }

    private static void Release(SimulatedCluster cluster, ObjectAddress address, JsonObject node, string finalizer)
    {
        var kept = ObjectMetadata.Finalizers(node).Where(name => name?.ToString() != finalizer).Select(static name => name?.DeepClone());
        node["metadata"]!["finalizers"] = new JsonArray([.. kept]);
        cluster.Writer.Update(address, node, Writing);
    }

    private static List<(ResourceKind Kind, StoredObject Stored)> Dependents(SimulatedCluster cluster, string uid) =>
        [.. cluster.Store.Owners.DependentsOf(uid).Select(key => cluster.Store.Find(key)).OfType<(ResourceKind Kind, StoredObject Stored)>().Where(entry => entry.Stored.Uid != uid)];

    private static bool Blocks((ResourceKind Kind, StoredObject Stored) dependent, string uid) =>
        References(dependent.Stored.ToNode(dependent.Kind)).Any(owner => Uid(owner) == uid && owner["blockOwnerDeletion"]?.ToString() == "true");

    private static IEnumerable<JsonObject> References(JsonObject node) => (node["metadata"]?["ownerReferences"] as JsonArray ?? []).OfType<JsonObject>();

    private static string Uid(JsonObject owner) => owner["uid"]?.ToString() ?? "";

    /// <summary>What a reference names; an owner of a kind that nobody serves counts as being there.</summary>
    private static bool IsThere(SimulatedCluster cluster, JsonObject owner, string space) =>
        cluster.Store.Kinds.FindKind(owner["apiVersion"]?.ToString() ?? "", owner["kind"]?.ToString() ?? "") is null || Find(cluster, owner, space) is not null;

    private static (ResourceKind Kind, StoredObject Stored)? Find(SimulatedCluster cluster, JsonObject owner, string space) =>
        cluster.Store.Kinds.FindKind(owner["apiVersion"]?.ToString() ?? "", owner["kind"]?.ToString() ?? "") is { } kind
        && cluster.Store.Of(kind).Find(kind.Namespaced ? space : "", owner["name"]?.ToString() ?? "") is { } found && found.Uid == Uid(owner) ? (kind, found) : null;

    private static ObjectAddress AddressOf(ResourceKind kind, StoredObject stored) => new(kind, stored.Namespace, stored.Name, "");

    private static JsonObject? Read(SimulatedCluster cluster, ObjectAddress address) =>
        cluster.Store.Of(address.Kind).Find(address.Namespace, address.Name)?.ToNode(address.Kind);
}
