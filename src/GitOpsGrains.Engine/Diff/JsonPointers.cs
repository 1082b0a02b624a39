using System.Globalization;
using System.Text.Json;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <summary>RFC 6901.</summary>
internal static class JsonPointers
{
    public static string Escape(string key) => key.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    public static IReadOnlyList<string> Steps(string pointer) => pointer.Length == 0 ? [] :
        [.. pointer[1..].Split('/').Select(step => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];

    /// <summary>The pointer that elements of fieldsV1 make in an object, with the value there; null if the object has no such place.</summary>
    public static (string Pointer, JsonElement Value)? Of(JsonElement root, IReadOnlyList<string> elements)
    {
        var (pointer, value) = ("", root);
        foreach (var element in elements)
        {
            if (!FieldElement.TryFollow(value, element, out var found) || found.ValueKind == JsonValueKind.Undefined) return null;
            pointer += element.StartsWith("f:", StringComparison.Ordinal)
                ? "/" + Escape(element[2..])
                : "/" + value.Items().TakeWhile(item => !IsSame(item, found)).Count().ToString(CultureInfo.InvariantCulture);
            value = found;
        }
        return (pointer, value);
    }

    private static bool IsSame(JsonElement left, JsonElement right) => JsonElement.DeepEquals(left, right);
}
