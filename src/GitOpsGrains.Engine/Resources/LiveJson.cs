using System.Text.Json;

namespace GitOpsGrains.Engine.Resources;

/// <summary>Reads answers of servers that may hold anything: what is absent or of another type is Undefined, "" or a default.</summary>
internal static class LiveJson
{
    public static JsonElement Field(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    public static JsonElement Field(this JsonElement element, string first, string second) => element.Field(first).Field(second);

    public static string Text(this JsonElement element) => element.ValueKind == JsonValueKind.String ? element.GetString()! : "";

    public static long Number(this JsonElement element, long absent) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out var value) ? value : absent;

    public static bool IsTrue(this JsonElement element) => element.ValueKind == JsonValueKind.True;

    public static bool IsPresent(this JsonElement element) => element.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);

    public static IEnumerable<JsonElement> Items(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : [];

    public static IEnumerable<JsonProperty> Properties(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Object ? element.EnumerateObject() : [];
}
