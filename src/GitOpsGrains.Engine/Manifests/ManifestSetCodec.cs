using System.Buffers;
using System.Text.Json;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Manifests;

/// <summary>
/// Writes a manifest set as bytes for the manifest store and reads it back: a JSON object with the format's version,
/// the set's digest and the objects with their positions.
/// </summary>
public static class ManifestSetCodec
{
    private const int Format = 1;

    /// <summary>About what an object takes beside its JSON: id, hash and position.</summary>
    private const int BesideJson = 400;

    public static ReadOnlyMemory<byte> Encode(ManifestSet set)
    {
        var buffer = new ArrayBufferWriter<byte>(256 + set.Objects.Sum(item => item.Json.Length + BesideJson));
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("format", Format);
            writer.WriteString("digest", set.Digest.ToString());
            writer.WriteStartArray("objects");
            foreach (var item in set.Objects)
            {
                writer.WriteStartObject();
                writer.WriteString("id", item.Id.ToString());
                writer.WriteString("apiVersion", item.ApiVersion);
                writer.WriteString("hash", item.Hash.ToString());
                writer.WriteString("file", item.Position.File);
                writer.WriteNumber("document", item.Position.Document);
                writer.WritePropertyName("json");
                // The bytes must come back as they are: canonical JSON, written by this engine.
                writer.WriteRawValue(item.Json.Span, skipInputValidation: true);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }

    /// <summary>Errors: <see cref="InvalidDataException"/> for another format, or content that does not match its hash.</summary>
    public static ManifestSet Decode(ReadOnlyMemory<byte> content)
    {
        try
        {
            using var document = TrustedJson.ParseInPlace(content);
            var root = document.RootElement;
            var format = root.GetProperty("format").GetInt32();
            if (format != Format) throw new InvalidDataException($"a manifest set of format {format} is not known here");
            var objects = new List<ManifestObject>();
            foreach (var item in root.GetProperty("objects").EnumerateArray())
                objects.Add(DecodeObject(item));
            return new ManifestSet(ParseDigest(root.GetProperty("digest").GetString()), objects);
        }
        catch (Exception ex) when (ex is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException("a stored manifest set can't be read", ex);
        }
    }

    private static ManifestObject DecodeObject(JsonElement item)
    {
        var json = System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(item.GetProperty("json")).ToArray();
        var hash = ParseDigest(item.GetProperty("hash").GetString());
        if (Digest.Of(json) != hash) throw new InvalidDataException("a stored manifest does not match its hash");
        if (!ResourceId.TryParse(item.GetProperty("id").GetString(), out var id)) throw new InvalidDataException("a stored manifest has no id");
        var position = new ManifestPosition(item.GetProperty("file").GetString() ?? "", item.GetProperty("document").GetInt32());
        return new ManifestObject(id, item.GetProperty("apiVersion").GetString() ?? "", json, hash, position);
    }

    private static Digest ParseDigest(string? text) =>
        Digest.TryParse(text, out var digest) ? digest : throw new InvalidDataException("a stored manifest set has no digest");
}
