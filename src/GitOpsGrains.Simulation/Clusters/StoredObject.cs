using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using GitOpsGrains.Simulation.Schemas;

namespace GitOpsGrains.Simulation.Clusters;

/// <summary>
/// One version of one object, immutable: its JSON without apiVersion and kind, so that all served versions share it, and what
/// lists and watches look at. About 200 bytes beside the JSON.
/// </summary>
internal sealed class StoredObject
{
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = MaxDepth };

    /// <summary>Schemas of CustomResourceDefinitions nest deeper than the reader's default.</summary>
    public const int MaxDepth = 256;

    private readonly byte[] _body;
    private readonly int _metadataEnd;

    private StoredObject(string space, string name, string uid, long version, string[] labels, byte[] body, int metadataEnd)
    {
        (Namespace, Name, Uid, Version, Labels) = (space, name, uid, version, labels);
        (_body, _metadataEnd) = (body, metadataEnd);
    }

    public string Namespace { get; }

    public string Name { get; }

    public string Uid { get; }

    public long Version { get; }

    /// <summary>Name, value, name, value…</summary>
    public string[] Labels { get; }

    public int Size => _body.Length;

    /// <summary>Takes the object's text; the node stays the caller's.</summary>
    public static StoredObject From(JsonObject node)
    {
        var metadata = (JsonObject)node["metadata"]!;
        var buffer = new ArrayBufferWriter<byte>(2048);
        using var writer = new Utf8JsonWriter(buffer, Writing);
        writer.WriteStartObject();
        writer.WritePropertyName("metadata");
        metadata.WriteTo(writer);
        writer.Flush();
        var end = buffer.WrittenCount - 1;
        foreach (var (name, child) in node)
        {
            if (name is "metadata" or "apiVersion" or "kind") continue;
            writer.WritePropertyName(name);
            if (child is null) writer.WriteNullValue();
            else child.WriteTo(writer);
        }

        writer.WriteEndObject();
        writer.Flush();
        var labels = metadata["labels"] is JsonObject map ? map.SelectMany(label => new[] { label.Key, label.Value?.ToString() ?? "" }).ToArray() : [];
        return new StoredObject(
            metadata["namespace"]?.ToString() ?? "", metadata["name"]!.ToString(), metadata["uid"]?.ToString() ?? "",
            long.TryParse(metadata["resourceVersion"]?.ToString(), out var version) ? version : 0, labels, buffer.WrittenSpan[1..].ToArray(), end);
    }

    /// <summary>A node of the caller's own.</summary>
    public JsonObject ToNode(ResourceKind kind)
    {
        var buffer = new ArrayBufferWriter<byte>(_body.Length + 128);
        WriteTo(buffer, kind);
        return (JsonObject)JsonNode.Parse(buffer.WrittenSpan, null, Reading)!;
    }

    public void WriteTo(IBufferWriter<byte> output, ResourceKind kind)
    {
        WriteHead(output, kind.ApiVersion, kind.Kind);
        output.Write(_body);
    }

    public void WriteMetadataTo(IBufferWriter<byte> output)
    {
        WriteHead(output, "meta.k8s.io/v1", "PartialObjectMetadata");
        output.Write(_body.AsSpan(0, _metadataEnd));
        output.Write("}"u8);
    }

    /// <summary>Whether the JSON holds a text: quicker than reading it.</summary>
    public bool Mentions(ReadOnlySpan<byte> text) => _body.AsSpan().IndexOf(text) >= 0;

    private static void WriteHead(IBufferWriter<byte> output, string apiVersion, string kind)
    {
        output.Write("{\"kind\":\""u8);
        output.Write(System.Text.Encoding.UTF8.GetBytes(kind));
        output.Write("\",\"apiVersion\":\""u8);
        output.Write(System.Text.Encoding.UTF8.GetBytes(apiVersion));
        output.Write("\","u8);
    }
}
