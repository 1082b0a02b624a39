using System.Buffers;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <summary>
/// Hash of what an object says: without status, managedFields, resourceVersion and generation, which change by themselves,
/// and without apiVersion and kind, which items of a list lack.
/// </summary>
public static class ContentHash
{
    public static Digest Of(LiveObject live)
    {
        var content = new ArrayBufferWriter<byte>(2048);
        CanonicalJson.Write(live.Root, content, static property =>
            property.NameEquals("status") || property.NameEquals("metadata") || property.NameEquals("apiVersion") || property.NameEquals("kind"));
        CanonicalJson.Write(live.Metadata, content, static property =>
            property.NameEquals("managedFields") || property.NameEquals("resourceVersion") || property.NameEquals("generation"));
        return Digest.Of(content.WrittenSpan);
    }
}
