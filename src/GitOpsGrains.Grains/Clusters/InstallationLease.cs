using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Abstractions.Installations;

namespace GitOpsGrains.Grains.Clusters;

/// <summary>What the Lease says of a cluster.</summary>
/// <param name="Conflict">Another installation of the same name has it: all writes stop.</param>
/// <param name="Twin">Another document of this installation has it; null for none.</param>
/// <param name="Notice">For the cluster's status: a server without Leases, or that forbids them.</param>
/// <param name="Error">It is not known whose the cluster is.</param>
public sealed record LeaseAnswer(string? Conflict = null, string? Twin = null, string? Notice = null, ClusterError? Error = null);

/// <summary>
/// The Lease by which an installation marks a cluster as its own: <c>kube-system/gitopsgrains-&lt;installation&gt;</c>
/// with the installation's random id as holder. It never expires; another id there means a second installation of the
/// same name (a restored backup beside the original). Its annotation names the Cluster document: two documents of one
/// cluster would each take the other's objects for their own, on whatever silos they are served.
/// </summary>
public static class InstallationLease
{
    private const string Namespace = "kube-system";
    private const string DocumentAnnotation = "gitopsgrains.io/cluster";

    /// <summary>Takes the lease if it is free, for the document if it names none.</summary>
    /// <param name="cluster">The document's name.</param>
    public static async Task<LeaseAnswer> HoldAsync(
        IClusterConnection connection, ApiCatalog catalog, InstallationIdentity installation, string cluster, CancellationToken cancellationToken)
    {
        if (catalog.Find("coordination.k8s.io", "Lease") is not { } resource)
            return new LeaseAnswer(Notice: "the cluster serves no Lease: two installations of one name can't be told apart here");
        var id = IdOf(resource, installation);
        var found = await connection.GetAsync(resource, id, cancellationToken);
        if (!found.IsSuccess && found.Error.Kind == ClusterErrorKind.NotFound)
        {
            var created = await connection.CreateAsync(resource, id, Body(resource, id, installation, cluster), cancellationToken);
            if (created.IsSuccess) return new LeaseAnswer();
            found = created.Error.Kind == ClusterErrorKind.AlreadyExists ? await connection.GetAsync(resource, id, cancellationToken) : created;
        }
        if (!found.IsSuccess && found.Error.Kind is not (ClusterErrorKind.Forbidden or ClusterErrorKind.NotFound)) return new LeaseAnswer(Error: found.Error);
        if (!found.IsSuccess)
            return new LeaseAnswer(Notice: $"the Lease {Namespace}/{id.Name} can't be held, so that two installations of one name can't be told apart here: {found.Error.Message}");
        var holder = HolderOf(found.Value);
        if (holder != installation.Id)
            return new LeaseAnswer($"another installation named '{installation.Name}' (id {holder}) holds the Lease {Namespace}/{id.Name}; nothing is written here until it is taken over (gitopsctl cluster takeover)");
        var document = LiveAnnotations.Of(found.Value).GetValueOrDefault(DocumentAnnotation);
        if (document is not null) return document == cluster ? new LeaseAnswer() : new LeaseAnswer(Twin: document);
        // Of a version that did not write it.
        return Written((await connection.JsonPatchAsync(resource, id, Patch(found.Value, installation, cluster), dryRun: false, cancellationToken)).Error);
    }

    /// <summary>What it means that the document's name was written, or why it was not.</summary>
    public static LeaseAnswer Written(ClusterError? error) => error is { Kind: ClusterErrorKind.Forbidden }
        ? new LeaseAnswer(Notice: $"the installation's Lease can't be written, so that two documents of this cluster can't be told apart: {error.Message}")
        : new LeaseAnswer(Error: error);

    /// <summary>Makes this installation the holder and this document the cluster's, whoever was; null when it is.</summary>
    public static async Task<ClusterError?> TakeAsync(
        IClusterConnection connection, ApiCatalog catalog, InstallationIdentity installation, string cluster, CancellationToken cancellationToken)
    {
        if (catalog.Find("coordination.k8s.io", "Lease") is not { } resource) return null;
        var id = IdOf(resource, installation);
        var found = await connection.GetAsync(resource, id, cancellationToken);
        if (!found.IsSuccess) return found.Error.Kind is ClusterErrorKind.NotFound or ClusterErrorKind.Forbidden ? null : found.Error;
        return (await connection.JsonPatchAsync(resource, id, Patch(found.Value, installation, cluster), dryRun: false, cancellationToken)).Error;
    }

    private static ResourceId IdOf(ApiResource resource, InstallationIdentity installation) =>
        new(resource.Group, resource.Kind, Namespace, $"gitopsgrains-{installation.Name}");

    private static ReadOnlyMemory<byte> Patch(LiveObject lease, InstallationIdentity installation, string cluster)
    {
        var patch = new JsonArray(
            new JsonObject { ["op"] = "replace", ["path"] = "/metadata/resourceVersion", ["value"] = lease.ResourceVersion },
            new JsonObject { ["op"] = "add", ["path"] = "/spec/holderIdentity", ["value"] = installation.Id });
        if (LiveAnnotations.Of(lease).Count == 0) patch.Add(new JsonObject { ["op"] = "add", ["path"] = "/metadata/annotations", ["value"] = new JsonObject() });
        patch.Add(new JsonObject { ["op"] = "add", ["path"] = $"/metadata/annotations/{DocumentAnnotation.Replace("/", "~1", StringComparison.Ordinal)}", ["value"] = cluster });
        return Encoding.UTF8.GetBytes(patch.ToJsonString());
    }

    private static string HolderOf(LiveObject lease) =>
        lease.Root.TryGetProperty("spec", out var spec) && spec.TryGetProperty("holderIdentity", out var holder) && holder.ValueKind == JsonValueKind.String
            ? holder.GetString()!
            : "";

    private static ReadOnlyMemory<byte> Body(ApiResource resource, ResourceId id, InstallationIdentity installation, string cluster) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["apiVersion"] = resource.ApiVersion,
        ["kind"] = resource.Kind,
        ["metadata"] = new JsonObject { ["name"] = id.Name, ["namespace"] = id.Namespace, ["annotations"] = new JsonObject { [DocumentAnnotation] = cluster } },
        ["spec"] = new JsonObject { ["holderIdentity"] = installation.Id },
    }.ToJsonString());
}
