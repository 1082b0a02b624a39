using System.Buffers;
using System.Text.Json;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <summary>Leaves an object to others: our label, our annotations and our field ownership go, its content stays.</summary>
public static class Detachment
{
    /// <summary>An RFC 6902 patch; the server refuses it (409) if the object changed since it was read.</summary>
    public static ReadOnlyMemory<byte> Patch(LiveObject live)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        using var writer = new Utf8JsonWriter(output);
        writer.WriteStartArray();
        JsonPatch.Write(writer, "replace", "/metadata/resourceVersion", () => writer.WriteStringValue(live.ResourceVersion));
        if (live.Label(Tracking.ManagedLabel) is not null) JsonPatch.Write(writer, "remove", JsonPatch.Below("/metadata/labels", Tracking.ManagedLabel), null);
        foreach (var annotation in (ReadOnlySpan<string>)[Tracking.TargetAnnotation, Tracking.DigestAnnotation])
            if (live.Annotation(annotation) is not null) JsonPatch.Write(writer, "remove", JsonPatch.Below("/metadata/annotations", annotation), null);
        var others = ManagedFields.Of(live).Where(entry => !entry.IsOwn && !entry.IsOwnUpdate).ToArray();
        JsonPatch.Write(writer, "replace", "/metadata/managedFields", () =>
        {
            writer.WriteStartArray();
            // An empty list means "leave as it is" to the server; one empty entry means "none".
            if (others.Length == 0)
            {
                writer.WriteStartObject();
                writer.WriteEndObject();
            }
            foreach (var entry in others) entry.Json.WriteTo(writer);
            writer.WriteEndArray();
        });
        writer.WriteEndArray();
        writer.Flush();
        return output.WrittenMemory;
    }
}
