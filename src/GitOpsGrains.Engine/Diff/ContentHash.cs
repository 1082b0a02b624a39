using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <summary>
/// Hash of what an object says: without status, managedFields, resourceVersion and generation, which change by themselves,
/// without apiVersion and kind, which items of a list lack, and without what others may add to its metadata (what is ours
/// there is in <see cref="OwnedMetadata"/>). Left out too is what a server sets once and nobody can change after: the
/// volume of a claim, the node of a pod.
/// </summary>
public static class ContentHash
{
    public static Digest Of(LiveObject live)
    {
        using var scratch = Scratch.Take();
        var content = scratch.Output;
        var once = SetOnce(live.Id);
        CanonicalJson.Write(live.Root, content, property =>
            property.NameEquals("status") || property.NameEquals("metadata") || property.NameEquals("apiVersion") || property.NameEquals("kind")
            || (once is not null && property.NameEquals("spec")));
        if (once is not null) CanonicalJson.Write(live.Root.Field("spec"), content, property => property.NameEquals(once));
        CanonicalJson.Write(live.Metadata, content, static property =>
            property.NameEquals("managedFields") || property.NameEquals("resourceVersion") || property.NameEquals("generation")
            || property.NameEquals("labels") || property.NameEquals("annotations")
            || property.NameEquals("finalizers") || property.NameEquals("ownerReferences"));
        return Digest.Of(content.WrittenSpan);
    }

    /// <summary>The field of spec that the server refuses to change once it has a value; null for most kinds.</summary>
    private static string? SetOnce(ResourceId id) => (id.Group, id.Kind) switch
    {
        ("", "PersistentVolumeClaim") => "volumeName",
        ("", "Pod") => "nodeName",
        _ => null,
    };
}
