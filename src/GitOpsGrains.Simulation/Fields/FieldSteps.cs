using System.Text;
using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Schemas;

namespace GitOpsGrains.Simulation.Fields;

/// <summary>Names of the steps of a path, as "FieldsV1" writes them.</summary>
internal static class FieldSteps
{
    public static string Field(string name) => NameCache.Step(name);

    /// <summary>The step of an item of a set or keyed list. Errors: <see cref="TypedValueException"/>.</summary>
    public static string Item(SchemaType list, JsonNode? item, string path)
    {
        if (list.List == ListKind.Set) return "v:" + (item?.ToJsonString() ?? "null");
        if (item is not JsonObject map) throw new TypedValueException($"{path}: an element of an associative list is a map");
        var text = new StringBuilder("k:{");
        foreach (var key in list.Keys.Order(StringComparer.Ordinal))
        {
            var value = map[key] ?? (list.Element!.Defaults.TryGetValue(key, out var standard) ? standard : null)
                ?? throw new TypedValueException($"{path}: element 0: associative list with keys has an element that omits key field \"{key}\" (and doesn't have default value)");
            if (text.Length > 3) text.Append(',');
            text.Append('"').Append(key).Append("\":").Append(value.ToJsonString());
        }

        return text.Append('}').ToString();
    }

    /// <summary>As a server writes the step in a message.</summary>
    public static string Text(string step) => step[0] switch
    {
        'f' => "." + step[2..],
        'k' => "[" + string.Join(',', (JsonNode.Parse(step[2..]) as JsonObject ?? []).Select(key => $"{key.Key}={key.Value?.ToJsonString()}")) + "]",
        'v' => $"[={step[2..]}]",
        _ => $"[{step[2..]}]",
    };
}

/// <summary>A value that is not of its type, in the server's words.</summary>
internal sealed class TypedValueException(string message) : Exception(message);
