using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <summary>One element of a path in <c>fieldsV1</c>, followed into an object.</summary>
internal static class FieldElement
{
    /// <summary>False for an element that can't be read; an absent value is found as Undefined.</summary>
    public static bool TryFollow(JsonElement value, string element, out JsonElement found)
    {
        found = default;
        if (element.StartsWith("f:", StringComparison.Ordinal))
        {
            found = value.Field(element[2..]);
            return true;
        }
        if (element.StartsWith("i:", StringComparison.Ordinal))
        {
            if (!int.TryParse(element.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out var index)) return false;
            found = value.Items().ElementAtOrDefault(index);
            return true;
        }
        if (!TryParse(element, out var wanted)) return false;
        found = value.Items().FirstOrDefault(item => element[0] == 'k' ? HasKeys(item, wanted) : JsonElement.DeepEquals(item, wanted));
        return true;
    }

    /// <param name="keys">A JSON object: the fields that tell the items of the list apart.</param>
    public static bool HasKeys(JsonElement item, JsonElement keys) =>
        item.ValueKind == JsonValueKind.Object && keys.ValueKind == JsonValueKind.Object
        && keys.EnumerateObject().All(key => item.TryGetProperty(key.Name, out var value) && JsonElement.DeepEquals(value, key.Value));

    /// <summary>As <see cref="HasKeys"/>, of an item that leaves some of them to their defaults.</summary>
    public static bool MayHaveKeys(JsonElement item, JsonElement keys) =>
        item.ValueKind == JsonValueKind.Object && keys.ValueKind == JsonValueKind.Object
        && keys.EnumerateObject().All(key => !item.TryGetProperty(key.Name, out var value) || JsonElement.DeepEquals(value, key.Value));

    /// <summary>The JSON of an item of a keyed list ("k:") or of a set ("v:"); false where there is none that can be read.</summary>
    public static bool TryParse(string element, out JsonElement json)
    {
        json = default;
        if (element is not ['k' or 'v', ':', ..]) return false;
        try
        {
            json = JsonElement.Parse(element.AsSpan(2));
            return UnicodeText.IsWhole(JsonMarshal.GetRawUtf8Value(json));
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
