using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Objects;
using GitOpsGrains.Simulation.Schemas;
using GitOpsGrains.Simulation.Workloads;

namespace GitOpsGrains.Simulation.Clusters;

/// <summary>A cluster as a file: its version, and its objects with the names of their kinds, definitions first.</summary>
internal static class ClusterFile
{
    private const int Format = 1;

    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = StoredObject.StoredDepth + 4 };

    public static void Write(SimulatedCluster cluster, IBufferWriter<byte> output)
    {
        long version;
        List<(ResourceKind Kind, StoredObject Stored)> all;
        lock (cluster.Store.Gate)
        {
            version = cluster.Store.Version;
            all =
            [
                .. from entry in cluster.Store.All.OrderBy(static entry => entry.Storage != KindCatalog.Definitions).ThenBy(static entry => entry.Storage, StringComparer.Ordinal)
                   let kind = cluster.Store.Kinds.FindStorage(entry.Storage)
                   where kind is not null
                   from stored in entry.Objects.Objects
                   select (kind, stored),
            ];
        }

        using var writer = new Utf8JsonWriter(output);
        writer.WriteStartObject();
        writer.WriteNumber("format", Format);
        writer.WriteNumber("version", version);
        writer.WriteStartArray("objects");
        var body = new ArrayBufferWriter<byte>(4096);
        foreach (var (kind, stored) in all)
        {
            body.ResetWrittenCount();
            stored.WriteTo(body, kind);
            writer.WriteStartObject();
            writer.WriteString("kind", kind.Storage);
            writer.WritePropertyName("object");
            writer.WriteRawValue(body.WrittenSpan, skipInputValidation: true);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Errors: <see cref="InvalidDataException"/> for what was not written here.</summary>
    public static void Read(SimulatedCluster cluster, ReadOnlyMemory<byte> saved, ControllerLoop controllers)
    {
        try
        {
            using var file = JsonDocument.Parse(saved, Reading);
            if (file.RootElement.GetProperty("format").GetInt32() != Format) throw new InvalidDataException($"the file of cluster {cluster.Name} has another format");
            lock (cluster.Store.Gate)
            {
                foreach (var item in file.RootElement.GetProperty("objects").EnumerateArray()) Restore(cluster, item, controllers);
                cluster.Store.ResumeAt(file.RootElement.GetProperty("version").GetInt64());
            }
        }
        catch (Exception broken) when (broken is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ApiException)
        {
            throw new InvalidDataException($"the file of cluster {cluster.Name} is damaged: {broken.Message}", broken);
        }
    }

    /// <summary>What the store relies on. Errors: <see cref="ApiException"/> for a field of another type.</summary>
    private static bool IsWhole(JsonObject node, ResourceKind kind)
    {
        if (node["metadata"] is not JsonObject metadata) return false;
        if (kind.IsCustom) ObjectReading.CheckDecodes(metadata, SchemaTable.BuiltIn.Metadata, kind);
        else ObjectReading.CheckDecodes(node, kind.Type, kind);
        var hasNames = !IsEmpty("name") && !IsEmpty("uid") && kind.Namespaced != IsEmpty("namespace");
        return hasNames && long.TryParse(metadata["resourceVersion"]?.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version > 0;

        bool IsEmpty(string name) => metadata[name] is not { } text || text.ToString().Length == 0;
    }

    private static void Restore(SimulatedCluster cluster, JsonElement item, ControllerLoop controllers)
    {
        var name = item.GetProperty("kind").GetString() ?? "";
        var kind = cluster.Store.Kinds.FindStorage(name) ?? throw new InvalidDataException($"the file of cluster {cluster.Name} has objects of an unknown kind, {name}");
        var node = JsonNode.Parse(Encoding.UTF8.GetBytes(item.GetProperty("object").GetRawText()), StoredObject.StoredDepth) as JsonObject;
        if (node is null || !IsWhole(node, kind)) throw new InvalidDataException($"the file of cluster {cluster.Name} is damaged: an object of {name} is none");
        var stored = StoredObject.From(node);
        cluster.Store.Restore(kind, stored);
        if (cluster.Options.Controllers) controllers.Resume(cluster, kind, stored);
    }
}
