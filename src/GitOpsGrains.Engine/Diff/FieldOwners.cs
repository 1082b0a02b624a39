using System.Globalization;
using System.Text.Json;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <param name="Operation">"Apply" or "Update".</param>
/// <param name="Time">When the manager last wrote a field of the object; null if the server does not say.</param>
/// <param name="IsLikely">Nobody owns the field any more: this manager is the last that wrote the object, after our own last write.</param>
public sealed record FieldOwner(string Manager, string Operation, DateTimeOffset? Time, bool IsLikely);

/// <summary>Who set a field of a live object, as far as managedFields tell.</summary>
public static class FieldOwners
{
    /// <summary>
    /// The manager other than us that owns the field of a JSON pointer, the latest if there are several. If none does, the
    /// field may have been removed: the last writer of the object, if it wrote after us. Else null.
    /// </summary>
    public static FieldOwner? Of(LiveObject live, string pointer)
    {
        var steps = JsonPointers.Steps(pointer);
        var entries = ManagedFields.Of(live).ToArray();
        if (entries.Where(entry => !entry.IsOwn && Owns(entry.FieldsJson, live.Root, steps)).MaxBy(entry => entry.Time, StringComparer.Ordinal) is { } owner)
            return Describe(owner, isLikely: false);
        var own = entries.FirstOrDefault(entry => entry.IsOwn)?.Time ?? "";
        return entries.Where(entry => !entry.IsOwn && !entry.IsOwnUpdate && entry.Subresource.Length == 0 && !IsOfStatus(entry) && string.CompareOrdinal(entry.Time, own) > 0)
            .MaxBy(entry => entry.Time, StringComparer.Ordinal) is { } last ? Describe(last, isLikely: true) : null;
    }

    /// <summary>Null for a time that is none.</summary>
    public static DateTimeOffset? TimeOf(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    private static FieldOwner Describe(ManagedFieldsEntry entry, bool isLikely) => new(entry.Manager, entry.Operation, TimeOf(entry.Time), isLikely);

    /// <summary>Older servers don't name the subresource.</summary>
    private static bool IsOfStatus(ManagedFieldsEntry entry) => entry.FieldsJson.Properties().All(property => property.NameEquals("f:status"));

    private static bool Owns(JsonElement fields, JsonElement value, IReadOnlyList<string> steps)
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
            if (FieldElement.TryParse(member.Name, out var keys) && FieldElement.HasKeys(item, keys)) return member.Value;
        }
        return null;
    }
}
