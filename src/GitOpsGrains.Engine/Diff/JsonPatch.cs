using System.Globalization;
using System.Text.Json;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <summary>Writes RFC 6902 operations.</summary>
internal static class JsonPatch
{
    /// <summary>A JSON pointer to a field of the value that another pointer names.</summary>
    public static string Below(string pointer, string name) =>
        $"{pointer}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";

    /// <summary>Operations that make one value of another. Lists of other lengths are replaced whole. Returns how many there are.</summary>
    public static int WriteDifference(Utf8JsonWriter writer, string path, TreeNode from, TreeNode to)
    {
        if (from is TreeMap fromMap && to is TreeMap toMap) return WriteMaps(writer, path, fromMap, toMap);
        if (from is TreeList fromList && to is TreeList toList && fromList.Items.Count == toList.Items.Count)
        {
            var count = 0;
            for (var i = 0; i < toList.Items.Count; i++)
                count += WriteDifference(writer, $"{path}/{i.ToString(CultureInfo.InvariantCulture)}", fromList.Items[i], toList.Items[i]);
            return count;
        }
        byte[] before = CanonicalJson.Write(from), after = CanonicalJson.Write(to);
        if (before.AsSpan().SequenceEqual(after)) return 0;
        Write(writer, "replace", path, () => writer.WriteRawValue(after, skipInputValidation: true));
        return 1;
    }

    public static void Write(Utf8JsonWriter writer, string operation, string path, Action? value)
    {
        writer.WriteStartObject();
        writer.WriteString("op", operation);
        writer.WriteString("path", path);
        if (value is not null)
        {
            writer.WritePropertyName("value");
            value();
        }
        writer.WriteEndObject();
    }

    private static int WriteMaps(Utf8JsonWriter writer, string path, TreeMap from, TreeMap to)
    {
        var count = 0;
        foreach (var (key, value) in from.Entries)
        {
            if (to[key] is { } wanted)
            {
                count += WriteDifference(writer, Below(path, key), value, wanted);
                continue;
            }
            Write(writer, "remove", Below(path, key), null);
            count++;
        }
        foreach (var (key, value) in to.Entries)
        {
            if (from[key] is not null) continue;
            Write(writer, "add", Below(path, key), () => writer.WriteRawValue(CanonicalJson.Write(value), skipInputValidation: true));
            count++;
        }
        return count;
    }
}
