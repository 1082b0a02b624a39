using System.Globalization;
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
        if (json is not JsonArray list) return null;
        var fields = new ManagedFields();
        try
        {
            foreach (var item in list.OfType<JsonObject>())
            {
                // An empty entry is how a client resets the list.
                if (item.Count == 0) continue;
                var operation = Text(item, "operation") switch
                {
                    "Apply" => ManagerOperation.Apply,
                    "Update" => ManagerOperation.Update,
                    _ => throw new FormatException("operation"),
                };
                var id = new ManagerId(Text(item, "manager"), operation, Text(item, "apiVersion"), Text(item, "subresource"));
                fields._entries[id] = new ManagerEntry(FieldSet.Parse(item["fieldsV1"]), Text(item, "time"));
            }
        }
        catch (Exception exception) when (exception is FormatException or InvalidOperationException)
        {
            return null;
        }

        return fields;
    }

    /// <summary>Applies first, then by time, as servers sort them.</summary>
    public JsonArray? ToJson()
    {
        if (_entries.Count == 0) return null;
        var sorted = _entries.OrderBy(entry => entry.Key.Operation).ThenBy(entry => entry.Value.Time, StringComparer.Ordinal).ThenBy(entry => entry.Key.Manager, StringComparer.Ordinal);
        return new JsonArray([.. sorted.Select(static entry => ToJson(entry.Key, entry.Value))]);
    }

    public static string TimeText(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static JsonObject ToJson(ManagerId id, ManagerEntry entry)
    {
        var json = new JsonObject
        {
            ["manager"] = id.Manager,
            ["operation"] = id.Operation.ToString(),
            ["apiVersion"] = id.ApiVersion,
            ["time"] = entry.Time,
            ["fieldsType"] = "FieldsV1",
            ["fieldsV1"] = new RawJson(entry.Fields.WriteTo),
        };
        if (id.Subresource.Length > 0) json["subresource"] = id.Subresource;
        return json;
    }

    private static string Text(JsonObject item, string name) => item[name]?.GetValue<string>() ?? "";
}
