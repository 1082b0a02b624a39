using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Abstractions.Installations;

namespace GitOpsGrains.Grains.Clusters;

/// <summary>
/// The Lease by which an installation marks a cluster as its own: <c>kube-system/gitopsgrains-&lt;installation&gt;</c>
/// with the installation's random id as holder. It never expires; another id there means a second installation of the
/// same name (a restored backup beside the original).
/// </summary>
public static class InstallationLease
{
    private const string Namespace = "kube-system";

    /// <summary>
    /// Takes the lease if it is free. A conflict stops all writes; a notice (a server without Leases, or that forbids them) is for
    /// the cluster's status; after any other error it is not known whose the cluster is.
    /// </summary>
    public static async Task<(string? Conflict, string? Notice, ClusterError? Error)> HoldAsync(
        IClusterConnection connection, ApiCatalog catalog, InstallationIdentity installation, CancellationToken cancellationToken)
    {
        if (catalog.Find("coordination.k8s.io", "Lease") is not { } resource)
            return (null, "the cluster serves no Lease: two installations of one name can't be told apart here", null);
        var id = new ResourceId(resource.Group, resource.Kind, Namespace, $"gitopsgrains-{installation.Name}");
        var found = await connection.GetAsync(resource, id, cancellationToken);
        if (!found.IsSuccess && found.Error.Kind == ClusterErrorKind.NotFound)
        {
            var created = await connection.CreateAsync(resource, id, Body(resource, id, installation), cancellationToken);
            if (created.IsSuccess) return (null, null, null);
            found = created.Error.Kind == ClusterErrorKind.AlreadyExists ? await connection.GetAsync(resource, id, cancellationToken) : created;
        }
        if (!found.IsSuccess && found.Error.Kind is not (ClusterErrorKind.Forbidden or ClusterErrorKind.NotFound)) return (null, null, found.Error);
        if (!found.IsSuccess)
            return (null, $"the Lease {Namespace}/{id.Name} can't be held, so that two installations of one name can't be told apart here: {found.Error.Message}", null);
        var holder = HolderOf(found.Value);
        return holder == installation.Id
            ? (null, null, null)
            : ($"another installation named '{installation.Name}' (id {holder}) holds the Lease {Namespace}/{id.Name}; nothing is written here until it is taken over (gitopsctl cluster takeover)", null, null);
    }

    /// <summary>Makes this installation the holder, whoever was; null when it is.</summary>
    public static async Task<ClusterError?> TakeAsync(
        IClusterConnection connection, ApiCatalog catalog, InstallationIdentity installation, CancellationToken cancellationToken)
    {
        if (catalog.Find("coordination.k8s.io", "Lease") is not { } resource) return null;
        var id = new ResourceId(resource.Group, resource.Kind, Namespace, $"gitopsgrains-{installation.Name}");
        var found = await connection.GetAsync(resource, id, cancellationToken);
        if (!found.IsSuccess) return found.Error.Kind is ClusterErrorKind.NotFound or ClusterErrorKind.Forbidden ? null : found.Error;
        var patch = new JsonArray(
            new JsonObject { ["op"] = "replace", ["path"] = "/metadata/resourceVersion", ["value"] = found.Value.ResourceVersion },
            new JsonObject { ["op"] = "add", ["path"] = "/spec/holderIdentity", ["value"] = installation.Id });
        return (await connection.JsonPatchAsync(resource, id, Encoding.UTF8.GetBytes(patch.ToJsonString()), dryRun: false, cancellationToken)).Error;
    }

    private static string HolderOf(LiveObject lease) =>
        lease.Root.TryGetProperty("spec", out var spec) && spec.TryGetProperty("holderIdentity", out var holder) && holder.ValueKind == JsonValueKind.String
            ? holder.GetString()!
            : "";

    private static ReadOnlyMemory<byte> Body(ApiResource resource, ResourceId id, InstallationIdentity installation) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["apiVersion"] = resource.ApiVersion,
        ["kind"] = resource.Kind,
        ["metadata"] = new JsonObject { ["name"] = id.Name, ["namespace"] = id.Namespace },
        ["spec"] = new JsonObject { ["holderIdentity"] = installation.Id },
    }.ToJsonString());
}
