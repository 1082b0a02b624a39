using System.Globalization;
using System.Text.Json;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <summary>Who set a field of a live object, as far as managedFields tell.</summary>
public static class FieldOwners
{
    /// <summary>The manager other than us that owns the field of a JSON pointer, the latest if there are several; null if none does.</summary>
    public static string? Of(LiveObject live, string pointer)
    {
        var steps = pointer.Split('/', StringSplitOptions.RemoveEmptyEntries)
            .Select(step => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)).ToArray();
        return ManagedFields.Of(live).Where(entry => !entry.IsOwn && Owns(entry.FieldsJson, live.Root, steps))
            .MaxBy(entry => entry.Time, StringComparer.Ordinal)?.Manager;
    }

    private static bool Owns(JsonElement fields, JsonElement value, ReadOnlySpan<string> steps)
    {
        foreach (var step in steps)
        {
            if (fields.ValueKind != JsonValueKind.Object) return false;
            // A field without members is owned as a whole: an atomic list or map.
            if (!fields.EnumerateObject().Any()) return true;
            if (value.ValueKind == JsonValueKind.Array)
            {
                if (!int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index) || index >= value.GetArrayLength()) return false;
                value = value[index];
                if (Item(fields, value) is not { } item) return false;
                fields = item;
            }
            else
            {
                if (!fields.TryGetProperty("f:" + step, out fields)) return false;
                value = value.ValueKind == JsonValueKind.Object && value.TryGetProperty(step, out var child) ? child : default;
            }
        }
        return true;
    }

    /// <summary>The member "k:{…}" whose keys the item has.</summary>
    private static JsonElement? Item(JsonElement fields, JsonElement item)
    {
        foreach (var member in fields.EnumerateObject())
        {
            if (!member.Name.StartsWith("k:", StringComparison.Ordinal)) continue;
            using var keys = JsonDocument.Parse(member.Name.AsMemory(2));
            if (FieldElement.HasKeys(item, keys.RootElement)) return member.Value;
        }
        return null;
    }
}
