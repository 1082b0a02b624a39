using System.Buffers;
using System.Text.Json;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <summary>Objects as trees that can be compared and shown.</summary>
internal static class ObjectTree
{
    private static readonly string[] VolatileMetadata =
        ["creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid"];

    // Other tools' copies of whole manifests: noise, and of Secrets the plain data.
    private static readonly string[] CopyAnnotations =
    [
        "kubectl.kubernetes.io/last-applied-configuration", "objectset.rio.cattle.io/applied", "banzaicloud.com/last-applied",
        "kapp.k14s.io/original", "kapp.k14s.io/original-diff",
    ];

    public static TreeMap Whole(JsonElement element)
    {
        var output = new ArrayBufferWriter<byte>(4096);
        CanonicalJson.Write(element, output);
        return JsonTreeReader.ReadTrusted(output.WrittenSpan) as TreeMap ?? new TreeMap();
    }

    /// <summary>Without what servers change by themselves: status, the volatile part of metadata, other tools' copies.</summary>
    public static TreeMap Normalised(JsonElement element)
    {
        var output = new ArrayBufferWriter<byte>(4096);
        CanonicalJson.Write(element, output, static property => property.NameEquals("status"));
        var root = JsonTreeReader.ReadTrusted(output.WrittenSpan) as TreeMap ?? new TreeMap();
        if (root.Map("metadata") is not { } metadata) return root;
        foreach (var name in VolatileMetadata) metadata.Remove(name);
        if (metadata.Map("annotations") is { } annotations)
        {
            foreach (var name in CopyAnnotations) annotations.Remove(name);
            // None and an empty mapping are the same to a server.
            if (annotations.Count == 0) metadata.Remove("annotations");
        }
        return root;
    }
}
