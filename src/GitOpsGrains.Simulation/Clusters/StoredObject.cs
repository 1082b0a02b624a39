using System.Buffers;
using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Schemas;

namespace GitOpsGrains.Simulation.Clusters;

/// <summary>
/// One version of one object, immutable: its JSON without apiVersion and kind, so that all served versions share it, and what
/// lists and watches look at. About 200 bytes beside the JSON.
/// </summary>
internal sealed class StoredObject
{
    /// <summary>Of what clients send. Schemas of CustomResourceDefinitions nest deeper than the reader's default.</summary>
    public const int MaxDepth = 256;

    /// <summary>What is stored nests deeper: managed fields have a level for each of the object's, and some above.</summary>
    public const int StoredDepth = MaxDepth + 16;

    /// <summary>As a server's store takes.</summary>
    public const int MaxBytes = 3 * 1024 * 1024;

    private const int MaxScratch = 256 * 1024;

    private static readonly byte[] MetadataHead = ResourceKind.WriteHead("meta.k8s.io/v1", "PartialObjectMetadata");

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _scratch;

    private readonly byte[] _body;
    private readonly int _metadataEnd;

    private StoredObject(string space, string name, string uid, long version, string[] labels, string[] owners, byte[] body, int metadataEnd)
    {
        (Namespace, Name, Uid, Version, Labels, Owners) = (space, name, uid, version, labels, owners);
        (_body, _metadataEnd) = (body, metadataEnd);
    }

    public string Namespace { get; }

    public string Name { get; }

    public string Uid { get; }

    public long Version { get; }

    /// <summary>Name, value, name, value…</summary>
    public string[] Labels { get; }

    /// <summary>Their uids.</summary>
    public string[] Owners { get; }

    public int Size => _body.Length;

    public int WrittenSize(ResourceKind kind) => kind.Head.Length + _body.Length - 1;

    public int WrittenMetadataSize => MetadataHead.Length + _metadataEnd;

    /// <summary>Takes the object's text; the node stays the caller's.</summary>
    public static StoredObject From(JsonObject node)
    {
        var metadata = (JsonObject)node["metadata"]!;
        var buffer = _scratch ??= new ArrayBufferWriter<byte>(8192);
        buffer.ResetWrittenCount();
        buffer.Write("{"u8);
        JsonObject.WriteEntry(buffer, "metadata", metadata);
        var end = buffer.WrittenCount;
        foreach (var (name, child) in node)
        {
            if (name is "metadata" or "apiVersion" or "kind") continue;
            buffer.Write(","u8);
            JsonObject.WriteEntry(buffer, name, child);
        }

        buffer.Write("}"u8);
        var body = buffer.WrittenSpan.ToArray();
        if (buffer.Capacity > MaxScratch) _scratch = null;
        return new StoredObject(
            metadata["namespace"]?.ToString() ?? "", metadata["name"]!.ToString(), metadata["uid"]?.ToString() ?? "",
            long.TryParse(metadata["resourceVersion"]?.ToString(), out var version) ? version : 0, ReadLabels(metadata["labels"] as JsonObject), ReadOwners(metadata["ownerReferences"] as JsonArray), body, end);
    }

    /// <summary>A node of the caller's own; its values point into this object's text.</summary>
    /// <param name="isWhole">Reads the entries of the managers too, for who changes them; else they stay text.</param>
    public JsonObject ToNode(ResourceKind kind, bool isWhole = false)
    {
        var node = isWhole ? (JsonObject)JsonNode.Parse(_body, StoredDepth)! : JsonParser.ParseStored(_body, StoredDepth);
        (node["kind"], node["apiVersion"]) = (kind.Kind, kind.ApiVersion);
        return node;
    }

    public void WriteTo(IBufferWriter<byte> output, ResourceKind kind)
    {
        output.Write(kind.Head);
        output.Write(_body.AsSpan(1));
    }

    public void WriteMetadataTo(IBufferWriter<byte> output)
    {
        output.Write(MetadataHead);
        output.Write(_body.AsSpan(1, _metadataEnd - 1));
        output.Write("}"u8);
    }

    /// <summary>Whether the JSON holds a text: quicker than reading it.</summary>
    public bool Mentions(ReadOnlySpan<byte> text) => _body.AsSpan().IndexOf(text) >= 0;

    private static string[] ReadOwners(JsonArray? owners) =>
        owners is null or { Count: 0 } ? [] : [.. owners.OfType<JsonObject>().Select(static owner => owner["uid"]?.ToString() ?? "").Distinct()];

    private static string[] ReadLabels(JsonObject? labels)
    {
        if (labels is null or { Count: 0 }) return [];
        var read = new string[labels.Count * 2];
        var at = 0;
        foreach (var (name, value) in labels) (read[at++], read[at++]) = (name, value?.ToString() ?? "");
        return read;
    }
}
