using System.Buffers;
using System.Text.Json;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <param name="Patch">RFC 6902; refused (409) if the object changed since it was read.</param>
/// <param name="Dropped">What was applied before us and Git lacks: whoever owns one of these fields beside the tool keeps it alive.</param>
public sealed record AdoptionWrite(ReadOnlyMemory<byte> Patch, FieldSet Dropped);

/// <summary>
/// Adopts an object of other tools with one write: what Git wants is set, what they own and Git lacks goes, and their
/// entries are no more. The server then says of our apply entry what it would say after an apply, but for the fields that
/// the patch itself changed: those are in an update entry of ours (facts: tried on 1.20.2, docs/decisions/0007-adoption.md).
/// </summary>
public static class AdoptionPatch
{
    /// <summary>More operations than this are sent as one per section of the object; servers take 10,000.</summary>
    private const int MaxOperations = 1000;

    private static readonly string[] ChangedMetadata = ["annotations", "finalizers", "labels", "ownerReferences"];
    private static readonly string[] OtherSections = ["apiVersion", "kind", "metadata", "status"];

    private static readonly FieldSet Metadata = FieldSet.Parse(JsonElement.Parse("""{"f:metadata":{}}"""));

    /// <summary>By these a tool knows its objects again and deletes them: none may outlive an adoption, whoever owns it.</summary>
    private static readonly FieldSet Marks = FieldSet.Parse(JsonElement.Parse("""
        {"f:metadata":{
          "f:annotations":{"f:argocd.argoproj.io/tracking-id":{},"f:argocd.argoproj.io/installation-id":{},
            "f:meta.helm.sh/release-name":{},"f:meta.helm.sh/release-namespace":{},"f:kubectl.kubernetes.io/last-applied-configuration":{},
            "f:objectset.rio.cattle.io/applied":{},"f:objectset.rio.cattle.io/id":{},"f:objectset.rio.cattle.io/owner-gvk":{},
            "f:objectset.rio.cattle.io/owner-name":{},"f:objectset.rio.cattle.io/owner-namespace":{}},
          "f:labels":{"f:kustomize.toolkit.fluxcd.io/name":{},"f:kustomize.toolkit.fluxcd.io/namespace":{},
            "f:helm.toolkit.fluxcd.io/name":{},"f:helm.toolkit.fluxcd.io/namespace":{},"f:objectset.rio.cattle.io/hash":{}}}}
        """));

    /// <summary>Null when there is nothing to take over: an apply alone adopts the object.</summary>
    /// <param name="live">As it is.</param>
    /// <param name="applied">What a forced dry run of our apply to it answered.</param>
    public static AdoptionWrite? Plan(LiveObject live, LiveObject applied)
    {
        var entries = ManagedFields.Of(applied).ToList();
        if (entries.Find(entry => entry.IsOwn) is not { } own) return null;
        var taken = entries.Where(TakeOver.Takes).ToList();
        if (taken.Count == 0 && !HasMarks(applied)) return null;

        var ours = own.Fields();
        var theirs = taken.Aggregate(Marks, (fields, entry) => fields.Union(FieldsOf(entry, applied)));
        var others = entries.Where(entry => entry != own && !taken.Contains(entry)).ToList();
        var kept = others.Aggregate(FieldSet.Empty, (fields, entry) => fields.Union(entry.Fields())).Except(Marks).Union(ours).Union(TakeOver.LeftAloneOf(live));
        var (from, to) = (Tree(live), Tree(applied));
        FieldRemoval.Remove(to, theirs, kept);
        var dropped = taken.Aggregate(FieldSet.Empty, (fields, entry) => fields.Union(Explicit(entry, applied)));
        return new AdoptionWrite(Write(live, from, to, [.. others, own]), dropped.FieldsBeyond(ours));
    }

    private static bool HasMarks(LiveObject live) =>
        Marks.Find("f:metadata", "f:annotations")!.FieldNames.Any(name => live.Annotation(name) is not null)
        || Marks.Find("f:metadata", "f:labels")!.FieldNames.Any(name => live.Label(name) is not null);

    /// <summary>Of an entry of another version only what is the same in all of them; the rest of it stays and is nobody's.</summary>
    private static FieldSet FieldsOf(ManagedFieldsEntry entry, LiveObject applied) =>
        entry.ApiVersion == applied.ApiVersion ? entry.Fields() : entry.Fields().Under(Metadata);

    /// <summary>What somebody wanted: an update's spec also lists what the server filled in.</summary>
    private static FieldSet Explicit(ManagedFieldsEntry entry, LiveObject applied) =>
        entry.Operation == "Apply" ? FieldsOf(entry, applied) : FieldsOf(entry, applied).Without("f:spec");

    private static TreeMap Tree(LiveObject live)
    {
        var json = new ArrayBufferWriter<byte>(4096);
        CanonicalJson.Write(live.Root, json);
        return (TreeMap)JsonTreeReader.ReadTrusted(json.WrittenSpan);
    }

    private static ReadOnlyMemory<byte> Write(LiveObject live, TreeMap from, TreeMap to, IReadOnlyList<ManagedFieldsEntry> entries)
    {
        var output = new ArrayBufferWriter<byte>(4096);
        using var writer = new Utf8JsonWriter(output);
        writer.WriteStartArray();
        JsonPatch.Write(writer, "replace", "/metadata/resourceVersion", () => writer.WriteStringValue(live.ResourceVersion));
        JsonPatch.Write(writer, "add", "/metadata/managedFields", () =>
        {
            writer.WriteStartArray();
            foreach (var entry in entries) entry.Json.WriteTo(writer);
            writer.WriteEndArray();
        });
        var (fromMetadata, toMetadata) = (from.GetOrAddMap("metadata"), to.GetOrAddMap("metadata"));
        foreach (var name in ChangedMetadata) WriteSection(writer, "/metadata", name, fromMetadata[name], toMetadata[name]);
        foreach (var name in from.Entries.Select(entry => entry.Key).Union(to.Entries.Select(entry => entry.Key), StringComparer.Ordinal).Except(OtherSections).ToArray())
            WriteSection(writer, "", name, from[name], to[name]);
        writer.WriteEndArray();
        writer.Flush();
        return output.WrittenMemory;
    }

    private static void WriteSection(Utf8JsonWriter writer, string path, string name, TreeNode? from, TreeNode? to)
    {
        var pointer = JsonPatch.Below(path, name);
        if (from is null && to is null) return;
        if (to is null) JsonPatch.Write(writer, "remove", pointer, null);
        else if (from is null) JsonPatch.Write(writer, "add", pointer, () => writer.WriteRawValue(CanonicalJson.Write(to), skipInputValidation: true));
        else WriteOperations(writer, pointer, from, to);
    }

    private static void WriteOperations(Utf8JsonWriter writer, string pointer, TreeNode from, TreeNode to)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        using var operations = new Utf8JsonWriter(output);
        operations.WriteStartArray();
        var count = JsonPatch.WriteDifference(operations, pointer, from, to);
        operations.WriteEndArray();
        operations.Flush();
        if (count > MaxOperations) JsonPatch.Write(writer, "replace", pointer, () => writer.WriteRawValue(CanonicalJson.Write(to), skipInputValidation: true));
        else foreach (var operation in TrustedJson.Parse(output.WrittenSpan).EnumerateArray()) operation.WriteTo(writer);
    }
}
