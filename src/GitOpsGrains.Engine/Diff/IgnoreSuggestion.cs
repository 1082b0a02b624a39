using System.Text.Json;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <summary>The line of <c>ignoreDifferences</c> that leaves one field to others.</summary>
public static class IgnoreSuggestion
{
    /// <summary>
    /// YAML in one line. Items of lists are named by name, not by index: the index in Git need not be the one in the cluster.
    /// </summary>
    /// <param name="pointer">Of a difference; its indices are those of <paramref name="wanted"/>, or of the live list where that has no such item.</param>
    public static string For(LiveObject live, JsonElement wanted, string pointer)
    {
        var id = live.Id;
        var path = Jq(wanted, live.Root, JsonPointers.Steps(pointer)) is { } jq ? $"jqPathExpressions: [{Quoted(jq)}]" : $"jsonPointers: [{Plain(pointer)}]";
        return $"ignoreDifferences: [{{group: \"{id.Group}\", kind: {Plain(id.Kind)}, name: {Plain(id.Name)}, {path}}}]";
    }

    /// <summary>Null when the way goes through no list with names: a JSON pointer says the same.</summary>
    private static string? Jq(JsonElement wanted, JsonElement live, IReadOnlyList<string> steps)
    {
        var (path, isNamed) = ("", false);
        foreach (var step in steps)
        {
            var side = wanted.ValueKind == JsonValueKind.Array || live.ValueKind != JsonValueKind.Array ? wanted : live;
            if (side.ValueKind == JsonValueKind.Array)
            {
                if (!int.TryParse(step, out var index) || index < 0) return null;
                var item = side.Items().ElementAtOrDefault(index);
                if (item.ValueKind == JsonValueKind.Undefined && live.ValueKind == JsonValueKind.Array) item = live.Items().ElementAtOrDefault(index);
                if (item.Field("name").Text() is { Length: > 0 } name)
                {
                    path += $"[] | select(.name == {Quoted(name)})";
                    isNamed = true;
                    (wanted, live) = (Named(wanted, name), Named(live, name));
                    continue;
                }
                path += $"[{index}]";
                (wanted, live) = (wanted.Items().ElementAtOrDefault(index), live.Items().ElementAtOrDefault(index));
                continue;
            }
            path += (path.EndsWith(')') ? " | " : "") + "." + (IsWord(step) ? step : Quoted(step));
            (wanted, live) = (wanted.Field(step), live.Field(step));
        }
        return isNamed ? path : null;
    }

    private static JsonElement Named(JsonElement list, string name) => list.Items().FirstOrDefault(item => item.Field("name").Text() == name);

    private static bool IsWord(string key) => key.Length > 0 && !char.IsAsciiDigit(key[0]) && key.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_');

    /// <summary>As it is where YAML takes it for this text within brackets, else in quotes.</summary>
    private static string Plain(string text) =>
        text.Length > 0 && !char.IsAsciiDigit(text[0]) && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '/' or '-' or '.' or '_' or '~') && text[0] is not ('-' or '~' or '.')
        && text is not ("true" or "false" or "null" or "yes" or "no" or "on" or "off" or "y" or "n") ? text : Quoted(text);

    /// <summary>JSON is YAML.</summary>
    private static string Quoted(string text) => JsonSerializer.Serialize(text, GitOpsGrains.Documents.Json.DocumentJson.Rest);
}
