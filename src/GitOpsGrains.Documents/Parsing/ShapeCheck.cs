using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using GitOpsGrains.Documents.Json;

namespace GitOpsGrains.Documents.Parsing;

/// <summary>
/// Compares a node with the type it will be read as: unknown fields and wrong types, all of them. Nulls that stand for
/// absent values are taken out, as Kubernetes does.
/// </summary>
internal sealed class ShapeCheck(FaultList faults, NodeLines lines)
{
    private static readonly ConcurrentDictionary<Type, Dictionary<string, JsonPropertyInfo>> Members = new();

    public void Check(JsonObject map, Type type, NodePath path)
    {
        var known = Members.GetOrAdd(type, static of =>
            DocumentJson.Options.GetTypeInfo(of).Properties.Where(static property => !property.IsExtensionData).ToDictionary(static property => property.Name));
        foreach (var (name, value) in map.ToArray())
        {
            var line = lines.Of(map, name) ?? lines.Start;
            if (!known.TryGetValue(name, out var property))
                faults.Add(path.Key(name).ToString(), "unknown field" + NearestName.Hint(name, known.Keys), line);
            else if (value is null)
                map.Remove(name);
            else
                CheckMember(value, property, path.Key(name), line);
        }
    }

    private void CheckMember(JsonNode value, JsonPropertyInfo property, NodePath path, int? line)
    {
        if (property.CustomConverter is PruneSpecJsonConverter)
        {
            if (value.GetValueKind() is JsonValueKind.True or JsonValueKind.False) return;
            if (value is not JsonObject)
            {
                faults.Add(path.ToString(), $"expected true, false or a mapping, got {Word(value)}", line);
                return;
            }
        }

        CheckValue(value, property.PropertyType, path, line);
    }

    private void CheckValue(JsonNode? value, Type declared, NodePath path, int? line)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        if (type == typeof(JsonElement)) return;
        if (type == typeof(string)) CheckText(value, path, line);
        else if (type == typeof(bool)) Expect(value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False, "true or false", value, path, line);
        else if (type == typeof(int)) Expect(value is JsonValue whole && whole.TryGetValue<long>(out var number) && number is >= int.MinValue and <= int.MaxValue, "a whole number", value, path, line);
        else if (type == typeof(double)) Expect(value?.GetValueKind() == JsonValueKind.Number, "a number", value, path, line);
        else if (type == typeof(TimeSpan)) CheckDuration(value, path, line);
        else if (IsGeneric(type, typeof(IReadOnlyDictionary<,>))) CheckMap(value, type.GenericTypeArguments[1], path, line);
        else if (IsGeneric(type, typeof(IReadOnlyList<>))) CheckList(value, type.GenericTypeArguments[0], path, line);
        else if (value is JsonObject map) Check(map, type, path);
        else Expect(false, "a mapping", value, path, line);
    }

    private void CheckText(JsonNode? value, NodePath path, int? line)
    {
        if (value?.GetValueKind() == JsonValueKind.String) return;
        var hint = value?.GetValueKind() is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False ? "; put it in quotes" : "";
        faults.Add(path.ToString(), $"expected a string, got {Word(value)}{hint}", line);
    }

    private void CheckDuration(JsonNode? value, NodePath path, int? line)
    {
        if (value is JsonValue text && text.TryGetValue<string>(out var duration) && Durations.TryParse(duration, out _)) return;
        var got = value?.GetValueKind() == JsonValueKind.String ? "other text" : Word(value);
        faults.Add(path.ToString(), $"expected a duration such as 30s, 3m or 1h30m, got {got}", line);
    }

    private void CheckMap(JsonNode? value, Type element, NodePath path, int? line)
    {
        if (value is not JsonObject map) Expect(false, "a mapping", value, path, line);
        else foreach (var (key, item) in map) CheckValue(item, element, path.Key(key), lines.Of(map, key) ?? line);
    }

    private void CheckList(JsonNode? value, Type element, NodePath path, int? line)
    {
        if (value is not JsonArray list)
        {
            Expect(false, "a list", value, path, line);
            return;
        }

        for (var i = 0; i < list.Count; i++) CheckValue(list[i], element, path.Item(i), lines.Of(list, i) ?? line);
    }

    private void Expect(bool holds, string what, JsonNode? got, NodePath path, int? line)
    {
        if (!holds) faults.Add(path.ToString(), $"expected {what}, got {Word(got)}", line);
    }

    private static bool IsGeneric(Type type, Type definition) => type.IsGenericType && type.GetGenericTypeDefinition() == definition;

    public static string Word(JsonNode? value) => value?.GetValueKind() switch
    {
        JsonValueKind.Object => "a mapping",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        _ => "nothing",
    };
}
