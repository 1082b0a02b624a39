using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Desired;

/// <summary>Makes the apply configuration of a manifest: its namespace, our label and our annotations.</summary>
internal static class DesiredObjects
{
    private const string FluxPrefix = "kustomize.toolkit.fluxcd.io/";

    /// <param name="isNamedHere">The manifest has a generateName: the object gets the name of the id.</param>
    /// <param name="run">Of a hook: what <see cref="Tracking.HookRunAnnotation"/> says. No part of the hash.</param>
    public static DesiredObject Make(ManifestObject manifest, ResourceId id, TrackingOwner owner, bool isNamedHere = false, string? run = null)
    {
        var root = (TreeMap)JsonTreeReader.ReadTrusted(manifest.Json.Span);
        var metadata = root.GetOrAddMap("metadata");
        if (isNamedHere)
        {
            metadata.Remove("generateName");
            metadata.Set("name", TreeScalar.Of(id.Name));
        }
        if (id.Namespace.Length > 0) metadata.Set("namespace", TreeScalar.Of(id.Namespace));
        else metadata.Remove("namespace");
        metadata.GetOrAddMap("labels").Set(Tracking.ManagedLabel, TreeScalar.Of(Tracking.ManagedValue));
        var annotations = metadata.GetOrAddMap("annotations");
        annotations.Remove(Tracking.DigestAnnotation);
        annotations.Remove(Tracking.TargetAnnotation);
        annotations.Remove(Tracking.HookRunAnnotation);
        var own = Texts(annotations);
        // Flux reads its words from labels as well.
        foreach (var (key, value) in metadata.Map("labels")!.Entries)
            if (key.StartsWith(FluxPrefix, StringComparison.Ordinal) && value.AsText() is { } text) own.TryAdd(key, text);
        annotations.Set(Tracking.TargetAnnotation, TreeScalar.Of(new TrackingId(owner, id).ToString()));
        var hash = CanonicalJson.Hash(root);
        annotations.Set(Tracking.DigestAnnotation, TreeScalar.Of(hash.ToString()));
        if (run is not null) annotations.Set(Tracking.HookRunAnnotation, TreeScalar.Of(run));
        return new DesiredObject(id, manifest.ApiVersion, CanonicalJson.Write(root), hash, manifest.Position, own.Count == 0 ? NoAnnotations : own) { Manifest = manifest.Hash };
    }

    /// <summary>The annotations that a manifest has by itself.</summary>
    public static IReadOnlyDictionary<string, string> AnnotationsOf(ManifestObject manifest) =>
        ((TreeMap)JsonTreeReader.ReadTrusted(manifest.Json.Span)).Map("metadata")?.Map("annotations") is { } annotations ? Texts(annotations) : NoAnnotations;

    public static readonly Dictionary<string, string> NoAnnotations = [];

    private static Dictionary<string, string> Texts(TreeMap annotations) =>
        annotations.Entries.ToDictionary(entry => entry.Key, entry => entry.Value.AsText() ?? "", StringComparer.Ordinal);
}
