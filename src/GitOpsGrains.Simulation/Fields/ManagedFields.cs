using System.Buffers;
using System.Globalization;
using System.Text.Json;
using GitOpsGrains.Simulation.Json;

namespace GitOpsGrains.Simulation.Fields;

internal enum ManagerOperation
{
    Apply,
    Update,
}

/// <summary>Who owns fields, and by what kind of write.</summary>
internal readonly record struct ManagerId(string Manager, ManagerOperation Operation, string ApiVersion, string Subresource);

/// <summary>What one manager owns.</summary>
internal sealed record ManagerEntry(FieldSet Fields, string Time);

/// <summary>metadata.managedFields, read and written.</summary>
internal sealed class ManagedFields
{
    private readonly Dictionary<ManagerId, ManagerEntry> _entries = [];

    public IReadOnlyDictionary<ManagerId, ManagerEntry> Entries => _entries;

    public ManagedFields Copy()
    {
        var copy = new ManagedFields();
        foreach (var (id, entry) in _entries) copy._entries[id] = entry;
        return copy;
    }

    /// <summary>Of one manager; an apply's entry keeps its place when the object's version changes.</summary>
    public KeyValuePair<ManagerId, ManagerEntry>? Find(ManagerId id)
    {
        foreach (var entry in _entries)
            if (entry.Key.Manager == id.Manager && entry.Key.Operation == id.Operation && entry.Key.Subresource == id.Subresource) return entry;
        return null;
    }

    public void Set(ManagerId id, FieldSet fields, string now)
    {
        if (fields.IsEmpty)
        {
            _entries.Remove(id);
            return;
        }

        _entries[id] = new ManagerEntry(fields, now);
    }

    public void Remove(ManagerId id) => _entries.Remove(id);

    /// <summary>Takes fields from all but one. What is left of theirs keeps its time.</summary>
    public void TakeFromOthers(ManagerId mine, FieldSet fields)
    {
        foreach (var (id, entry) in _entries.ToArray())
        {
            if (id == mine) continue;
            var rest = entry.Fields.Without(fields);
            if (rest.IsEmpty) _entries.Remove(id);
            else if (!ReferenceEquals(rest, entry.Fields)) _entries[id] = entry with { Fields = rest };
        }
    }

    public bool SameFields(ManagedFields other) =>
        _entries.Count == other._entries.Count
        && _entries.All(mine => other._entries.TryGetValue(mine.Key, out var theirs) && mine.Value.Fields.SetEquals(theirs.Fields));

    /// <summary>As others wrote it; null if it can't be read, which a server treats as absent.</summary>
    public static ManagedFields? Parse(JsonNode? json)
    {
        var fields = new ManagedFields();
        try
        {
            switch (json)
            {
                case RawJson text:
                    fields.Read(text.Json.Span);
                    return fields;
                case JsonArray list:
                    // An empty entry is how a client resets the list.
                    foreach (var item in list.OfType<JsonObject>().Where(static item => item.Count > 0))
                        fields.Add(Text(item, "manager"), Text(item, "operation"), Text(item, "apiVersion"), Text(item, "subresource"), FieldSet.Parse(item["fieldsV1"]), Text(item, "time"));
                    return fields;
                default:
                    return null;
            }
        }
        catch (Exception exception) when (exception is FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Applies first, then by time, as servers sort them.</summary>
    public JsonNode? ToJson()
    {
        if (_entries.Count == 0) return null;
        var output = new ArrayBufferWriter<byte>(1024);
        var separator = "["u8;
        IEnumerable<KeyValuePair<ManagerId, ManagerEntry>> sorted = _entries;
        if (_entries.Count > 1)
            sorted = _entries.OrderBy(static entry => entry.Key.Operation).ThenBy(static entry => entry.Value.Time, StringComparer.Ordinal).ThenBy(static entry => entry.Key.Manager, StringComparer.Ordinal);
        foreach (var (id, entry) in sorted)
        {
            output.Write(separator);
            Write(output, id, entry);
            separator = ","u8;
        }

        output.Write("]"u8);
        return new RawJson(output.WrittenMemory);
    }

    public static string TimeText(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static void Write(IBufferWriter<byte> output, ManagerId id, ManagerEntry entry)
    {
        output.Write("{\"manager\":"u8);
        JsonText.Write(output, id.Manager);
        output.Write(id.Operation == ManagerOperation.Apply ? ",\"operation\":\"Apply\",\"apiVersion\":"u8 : ",\"operation\":\"Update\",\"apiVersion\":"u8);
        JsonText.Write(output, id.ApiVersion);
        output.Write(",\"time\":"u8);
        JsonText.Write(output, entry.Time);
        output.Write(",\"fieldsType\":\"FieldsV1\",\"fieldsV1\":"u8);
        entry.Fields.WriteTo(output);
        if (id.Subresource.Length > 0)
        {
            output.Write(",\"subresource\":"u8);
            JsonText.Write(output, id.Subresource);
        }

        output.Write("}"u8);
    }

    /// <summary>What was written by <see cref="Write"/>.</summary>
    private void Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = Clusters.StoredObject.StoredDepth });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            string manager = "", operation = "", version = "", subresource = "", time = "";
            var fields = FieldSet.Empty;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = NameCache.Get(reader.ValueSpan);
                reader.Read();
                switch (name)
                {
                    case "manager": manager = Text(ref reader); break;
                    case "operation": operation = Text(ref reader); break;
                    case "apiVersion": version = Text(ref reader); break;
                    case "subresource": subresource = Text(ref reader); break;
                    case "time": time = reader.GetString()!; break;
                    case "fieldsV1":
                        var start = (int)reader.TokenStartIndex;
                        reader.Skip();
                        fields = FieldSetCache.Get(json[start..(int)reader.BytesConsumed]);
                        break;
                }
            }

            Add(manager, operation, version, subresource, fields, time);
        }
    }

    private void Add(string manager, string operation, string apiVersion, string subresource, FieldSet fields, string time)
    {
        var known = operation switch
        {
            "Apply" => ManagerOperation.Apply,
            "Update" => ManagerOperation.Update,
            _ => throw new FormatException("operation"),
        };
        _entries[new ManagerId(manager, known, apiVersion, subresource)] = new ManagerEntry(fields, time);
    }

    private static string Text(ref Utf8JsonReader reader) => reader.ValueIsEscaped ? reader.GetString()! : NameCache.Get(reader.ValueSpan);

    private static string Text(JsonObject item, string name) => item[name]?.GetValue<string>() ?? "";
}
