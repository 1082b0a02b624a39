using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <summary>
/// Makes us the owner of what tools before us applied, so that a path that Git drops leaves the cluster too, and an apply
/// that foreign list items made invalid becomes possible. Changes field ownership only, no value.
/// </summary>
public static class TakeOver
{
    /// <summary>
    /// How many pods run, and when they were last restarted, is no matter of a tool before us where Git does not say it: what
    /// is not ours is not dropped. The map around the annotation belongs to it.
    /// </summary>
    internal static readonly FieldSet LeftAlone = FieldSet.Parse(JsonElement.Parse(
        """{"f:spec":{"f:replicas":{},"f:template":{"f:metadata":{"f:annotations":{".":{},"f:kubectl.kubernetes.io/restartedAt":{}}}}}}"""));

    /// <summary>
    /// <see cref="LeftAlone"/>, and the annotations with which somebody keeps the object from being deleted: an adoption takes
    /// that from no object.
    /// </summary>
    internal static FieldSet LeftAloneOf(LiveObject live)
    {
        var names = LiveAnnotations.Of(live).Where(IsKeeper).Select(annotation => annotation.Key).ToList();
        if (names.Count == 0) return LeftAlone;
        // Our own word is Git's to take back, or that of a restore which Git's return ends.
        var ours = ManagedFields.AllOwnFields(live);
        names.RemoveAll(name => ours.Find("f:metadata", "f:annotations", "f:" + name) is not null || ours.Find("f:metadata", "f:labels", "f:" + name) is not null);
        // Flux reads its words from labels as well.
        var tree = new JsonObject { ["f:metadata"] = new JsonObject { ["f:annotations"] = Keepers(), ["f:labels"] = Keepers() } };
        return LeftAlone.Union(FieldSet.Parse(JsonElement.Parse(tree.ToJsonString())));

        JsonObject Keepers() => new(names.Select(name => KeyValuePair.Create<string, JsonNode?>("f:" + name, new JsonObject()))) { ["."] = new JsonObject() };
    }

    private static bool IsKeeper(KeyValuePair<string, string> annotation)
    {
        var alone = new Dictionary<string, string>(StringComparer.Ordinal) { [annotation.Key] = annotation.Value };
        return ObjectAnnotations.KeptBy(alone) is not null || ObjectAnnotations.NeedsConfirmation(alone);
    }

    /// <summary>
    /// An RFC 6902 patch that merges the entries of predecessors, our own updates and <paramref name="managers"/> into
    /// our apply entry; null if there are none. The server refuses it (409) if the object changed since it was read.
    /// </summary>
    /// <param name="managers">Further managers, by name: those whose fields stood against a heal.</param>
    public static ReadOnlyMemory<byte>? Plan(LiveObject live, IReadOnlySet<string>? managers = null)
    {
        var entries = ManagedFields.Of(live).ToList();
        var taken = entries.Where(entry => Takes(entry)
            || (!entry.IsOwn && entry.Subresource.Length == 0 && managers?.Contains(entry.Manager) == true)).ToList();
        if (taken.Count == 0) return null;

        var own = entries.Find(entry => entry.IsOwn);
        var newest = taken.MaxBy(entry => entry.Time, StringComparer.Ordinal)!;
        var apiVersion = own?.ApiVersion ?? newest.ApiVersion;
        var fields = own?.Fields() ?? FieldSet.Empty;
        var leftAlone = LeftAloneOf(live);
        // Paths of another version may not exist in ours: the server would refuse the whole entry.
        foreach (var entry in taken.Where(entry => entry.ApiVersion == apiVersion)) fields = fields.Union(entry.IsOwnUpdate ? entry.Fields() : entry.Fields().Except(leftAlone));

        var output = new ArrayBufferWriter<byte>(4096);
        using var writer = new Utf8JsonWriter(output);
        writer.WriteStartArray();
        StartReplace(writer, "/metadata/managedFields");
        writer.WriteStartArray();
        foreach (var entry in entries.Where(entry => entry != own && !taken.Contains(entry))) entry.Json.WriteTo(writer);
        WriteOwn(writer, apiVersion, own?.Time ?? newest.Time, fields);
        writer.WriteEndArray();
        writer.WriteEndObject();
        StartReplace(writer, "/metadata/resourceVersion");
        writer.WriteStringValue(live.ResourceVersion);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.Flush();
        return output.WrittenMemory;
    }

    /// <summary>What an adoption by one patch leaves in an update entry of ours. It is never dropped, so it stands in nobody's way.</summary>
    private static readonly FieldSet OwnMarks = FieldSet.Parse(JsonElement.Parse($$$"""
        {"f:metadata":{"f:labels":{".":{},"f:{{{Tracking.ManagedLabel}}}":{} },
         "f:annotations":{".":{},"f:{{{Tracking.TargetAnnotation}}}":{},"f:{{{Tracking.DigestAnnotation}}}":{} } } }
        """));

    /// <summary>An entry that is ours to merge whenever there is reason to.</summary>
    internal static bool Takes(ManagedFieldsEntry entry) =>
        entry.IsPredecessor || (entry.IsOwnUpdate && !entry.Fields().Except(OwnMarks).IsEmpty);

    private static void StartReplace(Utf8JsonWriter writer, string path)
    {
        writer.WriteStartObject();
        writer.WriteString("op", "replace");
        writer.WriteString("path", path);
        writer.WritePropertyName("value");
    }

    private static void WriteOwn(Utf8JsonWriter writer, string apiVersion, string time, FieldSet fields)
    {
        writer.WriteStartObject();
        writer.WriteString("manager", Tracking.FieldManager);
        writer.WriteString("operation", "Apply");
        writer.WriteString("apiVersion", apiVersion);
        if (time.Length > 0) writer.WriteString("time", time);
        writer.WriteString("fieldsType", "FieldsV1");
        writer.WritePropertyName("fieldsV1");
        fields.Write(writer);
        writer.WriteEndObject();
    }
}
