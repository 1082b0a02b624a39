using System.Text.Json;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Plan;

/// <summary>What is kept of an object before it is deleted, and what it is made of again when a person wants it back.</summary>
public static class Tombstone
{
    /// <summary>On an object that came back by hand: the operation that restored it. Goes with the first sync that has it in Git.</summary>
    public const string RestoredAnnotation = "gitopsgrains.io/restored";

    private const string PruneAnnotation = "gitopsgrains.io/prune";

    /// <summary>Made by the server or by controllers; a new object gets its own. The uid is kept: by it the same object is known when a restored server has it again.</summary>
    private static readonly string[] ServerFields =
    [
        "managedFields", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink",
    ];

    /// <summary>The live object without status and, but for its uid, without what the server made of its metadata. Holds the data of Secrets.</summary>
    public static ManifestObject Of(LiveObject live)
    {
        var root = (TreeMap)JsonTreeReader.ReadTrusted(JsonSerializer.SerializeToUtf8Bytes(live.Root));
        root.Set("apiVersion", TreeScalar.Of(live.ApiVersion));
        root.Set("kind", TreeScalar.Of(live.Id.Kind));
        root.Remove("status");
        var metadata = root.GetOrAddMap("metadata");
        foreach (var field in ServerFields) metadata.Remove(field);
        var json = CanonicalJson.Write(root);
        return new ManifestObject(live.Id, live.ApiVersion, json, Abstractions.Identity.Digest.Of(json), new ManifestPosition("", 0));
    }

    /// <summary>Of the object that was deleted; null in a tombstone that was stored when none was kept.</summary>
    public static string? UidOf(ManifestObject tombstone) =>
        ((TreeMap)JsonTreeReader.ReadTrusted(tombstone.Json.Span)).Map("metadata")?.Text("uid") is { Length: > 0 } uid ? uid : null;

    /// <summary>
    /// The body of a new object: what bound the old one to things of its time is left out (its owners, a Service's address, a
    /// claim's volume, a Job's selector, a Pod's node), and it carries the mark of a restored object, which keeps it from the
    /// next prune.
    /// </summary>
    public static ReadOnlyMemory<byte> BodyOf(ManifestObject tombstone, string operation)
    {
        var root = (TreeMap)JsonTreeReader.ReadTrusted(tombstone.Json.Span);
        var metadata = root.GetOrAddMap("metadata");
        metadata.Remove("uid");
        metadata.Remove("ownerReferences");
        if (metadata.List("finalizers") is { } finalizers)
        {
            finalizers.Items.RemoveAll(item => item.AsText() is "foregroundDeletion" or "orphan");
            if (finalizers.Items.Count == 0) metadata.Remove("finalizers");
        }
        var annotations = metadata.GetOrAddMap("annotations");
        // With it a manifest that comes back to Git unchanged would be taken for applied, and these marks would stay.
        annotations.Remove(Tracking.DigestAnnotation);
        foreach (var approval in DeletionWish.ApprovedAnnotations) annotations.Remove(approval);
        annotations.Set(PruneAnnotation, TreeScalar.Of("disabled"));
        annotations.Set(RestoredAnnotation, TreeScalar.Of(operation));
        if (root.Map("spec") is { } spec) Unbind(tombstone, spec, metadata);
        return CanonicalJson.Write(root);
    }

    private static void Unbind(ManifestObject tombstone, TreeMap spec, TreeMap metadata)
    {
        switch (tombstone.Id)
        {
            case { Group: "", Kind: "Service" } when spec.Text("clusterIP") != "None":
                spec.Remove("clusterIP");
                spec.Remove("clusterIPs");
                spec.Remove("healthCheckNodePort");
                break;
            case { Group: "", Kind: "PersistentVolumeClaim" }:
                spec.Remove("volumeName");
                metadata.GetOrAddMap("annotations").RemoveAll(entry => entry.Key.StartsWith("pv.kubernetes.io/", StringComparison.Ordinal));
                break;
            case { Group: "", Kind: "PersistentVolume" } when spec.Map("claimRef") is { } claim:
                claim.Remove("uid");
                claim.Remove("resourceVersion");
                break;
            case { Group: "", Kind: "Pod" }:
                spec.Remove("nodeName");
                break;
            case { Group: "batch", Kind: "Job" } when spec["manualSelector"] is not TreeScalar { Kind: ScalarKind.True }:
                spec.Remove("selector");
                ForgetJob(metadata);
                if (spec.Map("template")?.Map("metadata") is { } template) ForgetJob(template);
                break;
        }
    }

    private static void ForgetJob(TreeMap metadata)
    {
        if (metadata.Map("labels") is not { } labels) return;
        foreach (var label in (ReadOnlySpan<string>)["controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name"]) labels.Remove(label);
    }
}
