using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Manifests;

namespace GitOpsGrains.Engine.Plan;

/// <param name="Phase">Of a hook the first that it runs in; null of what no sync applies.</param>
public sealed record OrderedManifest(ManifestObject Manifest, SyncPhase? Phase, int Wave);

/// <summary>
/// The order in which a sync would apply the objects of a set, told without a cluster: what names no namespace counts as
/// lying in the destination's, whatever the scope of its kind.
/// </summary>
public static class ManifestOrder
{
    public static IReadOnlyList<OrderedManifest> Of(ManifestSet set, string destinationNamespace)
    {
        var space = destinationNamespace.Length == 0 ? "default" : destinationNamespace;
        var standings = set.Objects.Select(manifest => Standing.Of(manifest, space)).ToArray();
        var places = ApplyOrder.Places(
            [.. standings.Where(item => item.IsObject).Select(item => (item.Id, item.Wave))],
            standings.SelectMany(item => item.Phases.Select(phase => (item.Id, new Place(phase, item.Wave)))));
        return [.. standings.Select(item => item.Ordered(places))
            .OrderBy(item => item.Phase is null).ThenBy(item => new Place(item.Phase ?? default, item.Wave))
            .ThenBy(item => ApplyOrder.Rank(item.Manifest.Id)).ThenBy(item => item.Manifest.Id)];
    }

    /// <param name="Phases">Of a hook; none of an object, and of what is never applied.</param>
    private readonly record struct Standing(ManifestObject Manifest, ResourceId Id, int Wave, IReadOnlyList<SyncPhase> Phases, bool IsObject)
    {
        public static Standing Of(ManifestObject manifest, string space)
        {
            var id = manifest.Id is { Namespace: "" } bare && !ApplyOrder.IsNamespace(bare) && !ApplyOrder.IsDefinition(bare) ? bare with { Namespace = space } : manifest.Id;
            // Most manifests have neither: their annotations need not be read.
            var json = manifest.Json.Span;
            if (json.IndexOf("sync-wave"u8) < 0 && json.IndexOf("/hook"u8) < 0) return new Standing(manifest, id, 0, [], IsObject: true);
            var annotations = DesiredObjects.AnnotationsOf(manifest);
            var wave = ObjectAnnotations.Wave(annotations);
            if (HookPolicy.IsSkipped(annotations)) return new Standing(manifest, id, wave, [], IsObject: false);
            var hook = HookPolicy.Of(annotations);
            return new Standing(manifest, id, wave, hook?.Phases ?? [], hook is null);
        }

        public OrderedManifest Ordered(Dictionary<ResourceId, Place> places)
        {
            if (IsObject && places.TryGetValue(Id, out var place)) return new OrderedManifest(Manifest, place.Phase, place.Wave);
            return new OrderedManifest(Manifest, Phases.Count == 0 ? null : Phases.Min(), Wave);
        }
    }
}
