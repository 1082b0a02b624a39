using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Desired;

/// <summary>All that one target wants on its cluster. With faults it is no base for a sync: nothing may be applied or pruned.</summary>
/// <param name="Objects">In order of id; no two have the same id.</param>
public sealed record DesiredState(IReadOnlyList<DesiredObject> Objects, IReadOnlyList<ManifestFault> Faults)
{
    /// <summary>
    /// Settles what depends on the cluster and the target: scopes, the default namespace, our label and annotations.
    /// Faults: a kind that neither the cluster serves nor a CustomResourceDefinition of the set defines, and objects that
    /// become the same one once their namespace is filled in.
    /// </summary>
    /// <param name="destinationNamespace">For namespaced objects that name none; "" means "default", as kubectl does.</param>
    public static DesiredState Build(ManifestSet set, ApiCatalog catalog, string destinationNamespace, TrackingOwner owner)
    {
        var scopes = KindScopes.Of(set, catalog);
        var space = destinationNamespace.Length == 0 ? "default" : destinationNamespace;
        var objects = new Dictionary<ResourceId, DesiredObject>();
        var faults = new List<ManifestFault>();
        foreach (var manifest in set.Objects)
        {
            if (scopes.IsNamespaced(manifest, out var reason) is not { } namespaced)
            {
                faults.Add(Fault(manifest, manifest.Id, reason));
                continue;
            }

            var made = Make(manifest, namespaced ? manifest.Id.Namespace is "" ? space : manifest.Id.Namespace : "", owner);
            if (objects.TryGetValue(made.Id, out var other)) faults.Add(Fault(manifest, made.Id, $"the same object is already in {other.Position}"));
            else objects.Add(made.Id, made);
        }

        return new DesiredState([.. objects.Values.OrderBy(made => made.Id)], faults);
    }

    private static ManifestFault Fault(ManifestObject manifest, ResourceId id, string reason) =>
        new(manifest.Position.File, manifest.Position.Document, id, reason);

    private static DesiredObject Make(ManifestObject manifest, string space, TrackingOwner owner)
    {
        var id = manifest.Id with { Namespace = space };
        var root = (TreeMap)JsonTreeReader.ReadTrusted(manifest.Json.Span);
        var metadata = root.GetOrAddMap("metadata");
        if (space.Length > 0) metadata.Set("namespace", TreeScalar.Of(space));
        else metadata.Remove("namespace");
        metadata.GetOrAddMap("labels").Set(Tracking.ManagedLabel, TreeScalar.Of(Tracking.ManagedValue));
        var annotations = metadata.GetOrAddMap("annotations");
        annotations.Remove(Tracking.DigestAnnotation);
        annotations.Remove(Tracking.TargetAnnotation);
        var own = annotations.Entries.ToDictionary(entry => entry.Key, entry => entry.Value.AsText() ?? "", StringComparer.Ordinal);
        annotations.Set(Tracking.TargetAnnotation, TreeScalar.Of(new TrackingId(owner, id).ToString()));
        var hash = CanonicalJson.Hash(root);
        annotations.Set(Tracking.DigestAnnotation, TreeScalar.Of(hash.ToString()));
        return new DesiredObject(id, manifest.ApiVersion, CanonicalJson.Write(root), hash, manifest.Position, own);
    }
}
