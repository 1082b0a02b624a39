using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Desired;

/// <summary>All that one target wants on its cluster. With faults it is no base for a sync: nothing may be applied or pruned.</summary>
/// <param name="Objects">In order of id; no two have the same id.</param>
public sealed record DesiredState(IReadOnlyList<DesiredObject> Objects, IReadOnlyList<ManifestFault> Faults)
{
    private TrackingOwner? Owner { get; init; }

    /// <summary>
    /// Settles what depends on the cluster and the target: scopes, the default namespace, our label and annotations.
    /// Faults: a kind that neither the cluster serves nor a CustomResourceDefinition of the set defines, and objects that
    /// become the same one once their namespace is filled in.
    /// </summary>
    /// <param name="destinationNamespace">For namespaced objects that name none; "" means "default", as kubectl does.</param>
    /// <param name="previous">What was built before: objects whose manifests are still the same are taken from it, not made again.</param>
    public static DesiredState Build(
        ManifestSet set, ApiCatalog catalog, string destinationNamespace, TrackingOwner owner, DesiredState? previous = null)
    {
        var known = previous?.Owner == owner ? previous.Objects.ToDictionary(made => made.Id) : [];
        var scopes = KindScopes.Of(set, catalog);
        var space = destinationNamespace.Length == 0 ? "default" : destinationNamespace;
        var wanted = new List<(ManifestObject Manifest, ResourceId Id)>(set.Objects.Count);
        var faults = new List<ManifestFault>();
        foreach (var manifest in set.Objects)
        {
            if (scopes.IsNamespaced(manifest, out var reason) is not { } namespaced)
            {
                faults.Add(Fault(manifest, manifest.Id, reason));
                continue;
            }

            wanted.Add((manifest, manifest.Id with { Namespace = namespaced ? manifest.Id.Namespace is "" ? space : manifest.Id.Namespace : "" }));
        }

        var made = new DesiredObject[wanted.Count];
        Parallel.For(0, made.Length, index => made[index] = Take(wanted[index].Manifest, wanted[index].Id, owner, known));
        var objects = new Dictionary<ResourceId, DesiredObject>(made.Length);
        foreach (var item in made)
            if (!objects.TryAdd(item.Id, item))
                faults.Add(new ManifestFault(item.Position.File, item.Position.Document, item.Id, $"the same object is already in {objects[item.Id].Position}"));
        return new DesiredState([.. objects.Values.OrderBy(item => item.Id)], faults) { Owner = owner };
    }

    private static DesiredObject Take(ManifestObject manifest, ResourceId id, TrackingOwner owner, Dictionary<ResourceId, DesiredObject> known) =>
        known.TryGetValue(id, out var before) && before.Manifest == manifest.Hash
            ? before.Position == manifest.Position ? before : before with { Position = manifest.Position }
            : Make(manifest, id, owner);

    private static ManifestFault Fault(ManifestObject manifest, ResourceId id, string reason) =>
        new(manifest.Position.File, manifest.Position.Document, id, reason);

    private static DesiredObject Make(ManifestObject manifest, ResourceId id, TrackingOwner owner)
    {
        var root = (TreeMap)JsonTreeReader.ReadTrusted(manifest.Json.Span);
        var metadata = root.GetOrAddMap("metadata");
        if (id.Namespace.Length > 0) metadata.Set("namespace", TreeScalar.Of(id.Namespace));
        else metadata.Remove("namespace");
        metadata.GetOrAddMap("labels").Set(Tracking.ManagedLabel, TreeScalar.Of(Tracking.ManagedValue));
        var annotations = metadata.GetOrAddMap("annotations");
        annotations.Remove(Tracking.DigestAnnotation);
        annotations.Remove(Tracking.TargetAnnotation);
        var own = annotations.Entries.ToDictionary(entry => entry.Key, entry => entry.Value.AsText() ?? "", StringComparer.Ordinal);
        annotations.Set(Tracking.TargetAnnotation, TreeScalar.Of(new TrackingId(owner, id).ToString()));
        var hash = CanonicalJson.Hash(root);
        annotations.Set(Tracking.DigestAnnotation, TreeScalar.Of(hash.ToString()));
        return new DesiredObject(id, manifest.ApiVersion, CanonicalJson.Write(root), hash, manifest.Position, own) { Manifest = manifest.Hash };
    }
}
