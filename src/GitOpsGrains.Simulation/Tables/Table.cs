using System.Buffers;
using System.Globalization;
using GitOpsGrains.Simulation.Clusters;
using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Schemas;

namespace GitOpsGrains.Simulation.Tables;

/// <summary>What goes with each row.</summary>
internal enum RowObject
{
    Metadata,
    Object,
    None,
}

/// <summary>Objects as a table, which is what "kubectl get" prints.</summary>
internal static class Table
{
    public static JsonObject Of(ResourceKind kind, IReadOnlyList<StoredObject> objects, RowObject included, JsonObject metadata, DateTimeOffset now)
    {
        var columns = TableColumns.Of(kind);
        return new JsonObject
        {
            ["kind"] = "Table", ["apiVersion"] = "meta.k8s.io/v1", ["metadata"] = metadata,
            ["columnDefinitions"] = new JsonArray([.. columns.Select(Definition)]),
            ["rows"] = new JsonArray([.. objects.Select(stored => Row(kind, columns, stored, included, now))]),
        };
    }

    public static JsonObject Metadata(long version, string? next = null)
    {
        var metadata = new JsonObject { ["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture) };
        if (next is not null) metadata["continue"] = next;
        return metadata;
    }

    private static JsonObject Definition(TableColumn column) => new()
    {
        ["name"] = column.Name, ["type"] = column.Type, ["format"] = column.Name == "Name" ? "name" : "", ["description"] = "", ["priority"] = column.Priority,
    };

    private static JsonObject Row(ResourceKind kind, IReadOnlyList<TableColumn> columns, StoredObject stored, RowObject included, DateTimeOffset now)
    {
        var node = stored.ToNode(kind);
        var row = new JsonObject { ["cells"] = new JsonArray([.. columns.Select(column => column.Cell(node, now))]) };
        if (included == RowObject.None) return row;
        var output = new ArrayBufferWriter<byte>(stored.Size + 128);
        if (included == RowObject.Object) stored.WriteTo(output, kind);
        else stored.WriteMetadataTo(output);
        row["object"] = new RawJson(output.WrittenMemory);
        return row;
    }
}
