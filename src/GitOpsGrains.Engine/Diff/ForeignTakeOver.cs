using System.Buffers;
using System.Text.Json;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <summary>Makes chosen fields of others ours alone, so that an apply without them removes them. Changes field ownership only, no value.</summary>
public static class ForeignTakeOver
{
    /// <summary>
    /// An RFC 6902 patch that moves the fields from all other entries into our apply entry. The server refuses it (409) if
    /// the object changed since it was read. Errors: <see cref="InvalidOperationException"/> when we own nothing of it.
    /// </summary>
    /// <param name="fields">Of <see cref="RemovableFields.Of"/>, for the same object.</param>
    public static ReadOnlyMemory<byte> Plan(LiveObject live, FieldSet fields)
    {
        var entries = ManagedFields.Of(live).ToArray();
        var own = entries.FirstOrDefault(entry => entry.IsOwn) ?? throw new InvalidOperationException("there is no entry of ours");
        var output = new ArrayBufferWriter<byte>(4096);
        using var writer = new Utf8JsonWriter(output);
        writer.WriteStartArray();
        StartReplace(writer, "/metadata/managedFields");
        writer.WriteStartArray();
        foreach (var entry in entries) Write(writer, entry, entry == own ? own.Fields().Union(fields) : Rest(entry, fields));
        writer.WriteEndArray();
        writer.WriteEndObject();
        StartReplace(writer, "/metadata/resourceVersion");
        writer.WriteStringValue(live.ResourceVersion);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.Flush();
        return output.WrittenMemory;
    }

    private static FieldSet Rest(ManagedFieldsEntry entry, FieldSet fields) =>
        entry.Subresource.Length > 0 ? entry.Fields() : entry.Fields().Except(fields);

    private static void Write(Utf8JsonWriter writer, ManagedFieldsEntry entry, FieldSet fields)
    {
        if (fields.IsEmpty) return;
        writer.WriteStartObject();
        foreach (var property in entry.Json.Properties().Where(property => !property.NameEquals("fieldsV1"))) property.WriteTo(writer);
        writer.WritePropertyName("fieldsV1");
        fields.Write(writer);
        writer.WriteEndObject();
    }

    private static void StartReplace(Utf8JsonWriter writer, string path)
    {
        writer.WriteStartObject();
        writer.WriteString("op", "replace");
        writer.WriteString("path", path);
        writer.WritePropertyName("value");
    }
}
