using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Clusters;
using GitOpsGrains.Simulation.Objects;
using GitOpsGrains.Simulation.Schemas;

namespace GitOpsGrains.Simulation.Workloads;

/// <summary>The garbage collector and the namespace controller.</summary>
internal static class Collector
{
    private const string Manager = "kube-controller-manager";

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
                Orphan(cluster, address.Namespace, uid);
                Release(cluster, address, node, "orphan");
            }
            else if (finalizers.Contains("foregroundDeletion"))
            {
                CollectDependents(cluster, address.Namespace, uid);
                if (!Dependents(cluster, address.Namespace, uid).Any()) Release(cluster, address, node, "foregroundDeletion");
            }

            if (address.Kind.Storage == "namespaces") Empty(cluster, address.Name);
            return true;
        }
    }

    /// <summary>Deletes what names an owner that is gone or going.</summary>
    public static void CollectDependents(SimulatedCluster cluster, string space, string uid)
    {
        lock (cluster.Store.Gate)
        {
            foreach (var (kind, stored) in Dependents(cluster, space, uid).ToList())
                cluster.Deleter.Delete(new ObjectAddress(kind, stored.Namespace, stored.Name, ""), Deleting);
        }
    }

    /// <summary>Lets a namespace go that is being deleted and empty.</summary>
    public static void ReleaseNamespace(SimulatedCluster cluster, string space)
    {
        if (space.Length == 0) return;
        lock (cluster.Store.Gate)
        {
            var address = new ObjectAddress(cluster.Store.Kinds.Find("", "v1", "namespaces")!, "", space, "");
            if (Read(cluster, address) is { } node && ObjectMetadata.IsDeleting(node)) Empty(cluster, space);
        }
    }

    /// <summary>Lets owners go that waited for a dependent in the foreground.</summary>
    public static void ReleaseOwners(SimulatedCluster cluster, string space)
    {
        lock (cluster.Store.Gate)
        {
            foreach (var (kind, stored) in In(cluster, space).Where(static entry => entry.Stored.Mentions("foregroundDeletion"u8)).ToList())
                Work(cluster, new ObjectAddress(kind, stored.Namespace, stored.Name, ""));
        }
    }

    private static void Empty(SimulatedCluster cluster, string space)
    {
        foreach (var (kind, stored) in In(cluster, space).ToList()) cluster.Deleter.Delete(new ObjectAddress(kind, stored.Namespace, stored.Name, ""), Deleting);
        if (In(cluster, space).Any()) return;
        var address = new ObjectAddress(cluster.Store.Kinds.Find("", "v1", "namespaces")!, "", space, "");
        if (Read(cluster, address) is not { } node || node["spec"] is not JsonObject spec || !spec.Remove("finalizers")) return;
        cluster.Writer.Update(address, node, Writing);
    }

    private static void Orphan(SimulatedCluster cluster, string space, string uid)
    {
        foreach (var (kind, stored) in Dependents(cluster, space, uid).ToList())
        {
            var node = stored.ToNode(kind);
            var owners = (JsonArray)node["metadata"]!["ownerReferences"]!;
            node["metadata"]!["ownerReferences"] = new JsonArray([.. owners.Where(owner => owner?["uid"]?.ToString() != uid).Select(static owner => owner?.DeepClone())]);
            cluster.Writer.Update(new ObjectAddress(kind, stored.Namespace, stored.Name, ""), node, Writing);
        }
    }

    private static void Release(SimulatedCluster cluster, ObjectAddress address, JsonObject node, string finalizer)
    {
        var kept = ObjectMetadata.Finalizers(node).Where(name => name?.ToString() != finalizer).Select(static name => name?.DeepClone());
        node["metadata"]!["finalizers"] = new JsonArray([.. kept]);
        cluster.Writer.Update(address, node, Writing);
    }

    private static IEnumerable<(ResourceKind Kind, StoredObject Stored)> Dependents(SimulatedCluster cluster, string space, string uid)
    {
        var text = System.Text.Encoding.UTF8.GetBytes(uid);
        return In(cluster, space).Where(entry => entry.Stored.Uid != uid && entry.Stored.Mentions(text) && IsOwned(entry.Stored.ToNode(entry.Kind), uid));
    }

    private static bool IsOwned(JsonObject node, string uid) =>
        node["metadata"]?["ownerReferences"] is JsonArray owners && owners.Any(owner => owner?["uid"]?.ToString() == uid);

    private static IEnumerable<(ResourceKind Kind, StoredObject Stored)> In(SimulatedCluster cluster, string space) =>
        from entry in cluster.Store.All
        let kind = cluster.Store.Kinds.FindStorage(entry.Storage)
        where kind is not null
        from stored in entry.Objects.Objects
        where (space.Length > 0 && stored.Namespace == space) || (space.Length == 0 && stored.Namespace.Length == 0)
        select (kind, stored);

    private static JsonObject? Read(SimulatedCluster cluster, ObjectAddress address) =>
        cluster.Store.Of(address.Kind).Find(address.Namespace, address.Name)?.ToNode(address.Kind);
}
