using System.Text.Json;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Kubernetes.Discovery;

/// <summary>A group and version that a server says it serves; in the server's order of preference.</summary>
internal sealed record GroupVersion(string Group, string Version)
{
    public string Path => Group.Length == 0 ? $"/api/{Uri.EscapeDataString(Version)}" : $"/apis/{Uri.EscapeDataString(Group)}/{Uri.EscapeDataString(Version)}";

    public override string ToString() => Group.Length == 0 ? Version : $"{Group}/{Version}";
}

/// <summary>What /api or /apis says.</summary>
/// <param name="Lists">Null unless the server has put all resources into this one answer (aggregated discovery).</param>
internal sealed record DiscoveryRoot(IReadOnlyList<GroupVersion> Versions, IReadOnlyList<DiscoveryList>? Lists);

/// <summary>The resources of one group and version.</summary>
/// <param name="IsStale">Its own server did not answer: the resources are those of an earlier answer, or none.</param>
internal sealed record DiscoveryList(GroupVersion Version, IReadOnlyList<ApiResource> Resources, bool IsStale);

/// <summary>Reads discovery documents: aggregated ones and the older lists. Errors: JsonException.</summary>
internal static class DiscoveryParser
{
    public static DiscoveryRoot ParseRoot(ReadOnlySpan<byte> body)
    {
        var root = JsonElement.Parse(body);
        return Text(root, "kind") switch
        {
            "APIGroupDiscoveryList" => ParseAggregated(root),
            "APIVersions" => new DiscoveryRoot([.. Texts(root, "versions").Select(version => new GroupVersion("", version))], null),
            "APIGroupList" => new DiscoveryRoot([.. Items(root, "groups").SelectMany(ParseGroup)], null),
            _ => throw new JsonException("a discovery document is APIGroupDiscoveryList, APIVersions or APIGroupList"),
        };
    }

    public static DiscoveryList ParseList(ReadOnlySpan<byte> body, GroupVersion version)
    {
        List<ApiResource> resources = [];
        foreach (var item in Items(JsonElement.Parse(body), "resources"))
        {
            var plural = Required(item, "name");
            // Subresources have a slash in their name.
            if (plural.Contains('/', StringComparison.Ordinal)) continue;
            var isNamespaced = item.TryGetProperty("namespaced", out var flag) && flag.ValueKind == JsonValueKind.True;
            resources.Add(new ApiResource(version.Group, version.Version, Required(item, "kind"), plural, isNamespaced, Verbs(item)));
        }

        return new DiscoveryList(version, resources, IsStale: false);
    }

    private static IEnumerable<GroupVersion> ParseGroup(JsonElement group)
    {
        var name = Required(group, "name");
        var preferred = group.TryGetProperty("preferredVersion", out var choice) ? Text(choice, "version") : null;
        return Items(group, "versions").Select(version => Required(version, "version"))
            .OrderByDescending(version => version == preferred)
            .Select(version => new GroupVersion(name, version));
    }

    private static DiscoveryRoot ParseAggregated(JsonElement root)
    {
        List<DiscoveryList> lists = [];
        foreach (var group in Items(root, "items"))
        {
            // The core group has no name.
            var name = group.TryGetProperty("metadata", out var metadata) ? Text(metadata, "name") ?? "" : "";
            foreach (var entry in Items(group, "versions"))
            {
                var version = new GroupVersion(name, Required(entry, "version"));
                lists.Add(new DiscoveryList(
                    version, [.. Items(entry, "resources").Select(item => ParseAggregated(item, version)).OfType<ApiResource>()], Text(entry, "freshness") == "Stale"));
            }
        }

        return new DiscoveryRoot([.. lists.Select(list => list.Version)], lists);
    }

    private static ApiResource? ParseAggregated(JsonElement item, GroupVersion version)
    {
        // Some servers list a resource only for its subresources: it has no kind of its own.
        if (!item.TryGetProperty("responseKind", out var kind) || Text(kind, "kind") is not { Length: > 0 } name) return null;
        return new ApiResource(version.Group, version.Version, name, Required(item, "resource"), Text(item, "scope") == "Namespaced", Verbs(item));
    }

    private static HashSet<string> Verbs(JsonElement item) => new(Texts(item, "verbs"), StringComparer.Ordinal);

    private static JsonElement.ArrayEnumerator Items(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray() : default;

    private static IEnumerable<string> Texts(JsonElement element, string name) =>
        Items(element, name).Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!);

    private static string Required(JsonElement element, string name) =>
        Text(element, name) is { Length: > 0 } text ? text : throw new JsonException($"a discovery entry has a '{name}'");

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString() : null;
}
