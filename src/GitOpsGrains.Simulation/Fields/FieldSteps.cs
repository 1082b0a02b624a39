using System.Buffers;
using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Schemas;

namespace GitOpsGrains.Simulation.Fields;

/// <summary>Names of the steps of a path, as "FieldsV1" writes them.</summary>
internal static class FieldSteps
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _scratch;

    public static string Field(string name) => NameCache.Step(name);

    /// <summary>The step of an item of a set or keyed list. Errors: <see cref="TypedValueException"/>.</summary>
    public static string Item(SchemaType list, JsonNode? item, string path)
    {
        var output = _scratch ??= new ArrayBufferWriter<byte>(512);
        output.ResetWrittenCount();
        if (list.List == ListKind.Set)
        {
            output.Write("v:"u8);
            if (item is null) output.Write("null"u8);
            else item.WriteTo(output);
            return NameCache.Get(output.WrittenSpan);
        }

        if (item is not JsonObject map) throw new TypedValueException($"{path}: an element of an associative list is a map");
        var separator = "k:{"u8;
        foreach (var key in list.SortedKeys)
        {
            var value = map[key] ?? (list.Element!.Defaults.TryGetValue(key, out var standard) ? standard : null)
                ?? throw new TypedValueException($"{path}: element 0: associative list with keys has an element that omits key field \"{key}\" (and doesn't have default value)");
            output.Write(separator);
            JsonObject.WriteEntry(output, key, value);
            separator = ","u8;
        }

        output.Write("}"u8);
        return NameCache.Get(output.WrittenSpan);
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
