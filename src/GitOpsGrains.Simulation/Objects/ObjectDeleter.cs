using System.Globalization;
using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Clusters;
using GitOpsGrains.Simulation.Fields;

namespace GitOpsGrains.Simulation.Objects;

/// <summary>What is left after a deletion: the object while finalizers hold it, else nothing.</summary>
internal sealed record DeletionResult(StoredObject Last, bool IsPending);

/// <summary>The deletions of one cluster. Errors: <see cref="ApiException"/>.</summary>
internal sealed class ObjectDeleter(ClusterStore store, TimeProvider time)
{
    /// <summary>Holds a CustomResourceDefinition while there are objects of it.</summary>
    public const string Cleanup = "customresourcecleanup.apiextensions.k8s.io";

    private static readonly HashSet<string> Lasting = ["default", "kube-system", "kube-public", "kube-node-lease"];

    public DeletionResult Delete(ObjectAddress address, DeletionOptions options)
    {
        lock (store.Gate)
        {
            var stored = store.Of(address.Kind).Find(address.Namespace, address.Name) ?? throw ApiException.NotFound(address.Kind, address.Name);
            CheckPreconditions(address, stored, options);
            if (address.Kind.Storage == "namespaces" && Lasting.Contains(address.Name))
                throw ApiException.Forbidden($"namespaces \"{address.Name}\" is forbidden: this namespace may not be deleted", new JsonObject { ["name"] = address.Name, ["kind"] = "namespaces" });
            var node = stored.ToNode(address.Kind);
            var finalizers = ObjectMetadata.Finalizers(node).Select(static name => name!.ToString()).ToList();
            AddPolicy(finalizers, options.Propagation);
            if (address.Kind.Storage == KindCatalog.Definitions && HasObjects(address.Name, options.DryRun) && !finalizers.Contains(Cleanup)) finalizers.Add(Cleanup);
            var isHeld = finalizers.Count > 0 || node["spec"]?["finalizers"] is JsonArray { Count: > 0 };
            if (!isHeld)
            {
                if (!options.DryRun) store.Delete(address.Kind, stored);
                return new DeletionResult(stored, false);
            }

            return Hold(address, stored, node, finalizers, options.DryRun);
        }
    }

    private DeletionResult Hold(ObjectAddress address, StoredObject stored, JsonObject node, List<string> finalizers, bool isDryRun)
    {
        var metadata = ObjectMetadata.Of(node);
        var isSame = ObjectMetadata.IsDeleting(node) && finalizers.SequenceEqual(ObjectMetadata.Finalizers(node).Select(static name => name!.ToString()));
        if (isSame) return new DeletionResult(stored, true);
        metadata.TryAdd("deletionTimestamp", ManagedFields.TimeText(time.GetUtcNow()));
        if (address.Kind.Storage != "namespaces") metadata.TryAdd("deletionGracePeriodSeconds", 0);
        metadata["finalizers"] = new JsonArray([.. finalizers.Select(static name => (JsonNode)name)]);
        if (address.Kind.HasGeneration && metadata["generation"] is { } generation) metadata["generation"] = long.Parse(generation.ToString(), CultureInfo.InvariantCulture) + 1;
        if (address.Kind.Storage == "namespaces") (node["status"] as JsonObject)?["phase"] = "Terminating";
        ObjectMetadata.Finish(node, ObjectMetadata.TakeManagedFields(node) ?? new ManagedFields());
        return new DeletionResult(isDryRun ? StoredObject.From(node) : store.Put(address.Kind, node, stored), true);
    }

    /// <summary>Takes the objects of a definition away; whether some are held.</summary>
    private bool HasObjects(string definition, bool isDryRun)
    {
        if (isDryRun || store.Kinds.FindStorage(definition) is not { } kind) return false;
        foreach (var stored in store.Of(kind).Objects.ToList()) Delete(new ObjectAddress(kind, stored.Namespace, stored.Name, ""), new DeletionOptions(null, null, "Background", false));
        return store.Of(kind).Count > 0;
    }

    private static void AddPolicy(List<string> finalizers, string propagation)
    {
        var (wanted, other) = propagation switch
        {
            "Foreground" => ("foregroundDeletion", "orphan"),
            "Orphan" => ("orphan", "foregroundDeletion"),
            _ => ("", ""),
        };
        if (wanted.Length == 0) return;
        finalizers.Remove(other);
        if (!finalizers.Contains(wanted)) finalizers.Add(wanted);
    }

    private static void CheckPreconditions(ObjectAddress address, StoredObject stored, DeletionOptions options)
    {
        if (options.Uid is { } uid && uid != stored.Uid)
        {
            throw ApiException.Conflict(
                address.Kind, address.Name, $"the UID in the precondition ({uid}) does not match the UID in record ({stored.Uid}). The object might have been deleted and then recreated");
        }

        var version = stored.Version.ToString(CultureInfo.InvariantCulture);
        if (options.ResourceVersion is { } wanted && wanted != version)
        {
            throw ApiException.Conflict(
                address.Kind, address.Name, $"the ResourceVersion in the precondition ({wanted}) does not match the ResourceVersion in record ({version}). The object might have been modified");
        }
    }
}
