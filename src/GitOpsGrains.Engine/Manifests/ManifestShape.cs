using System.Text.RegularExpressions;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Manifests;

/// <summary>Checks what every Kubernetes object must have, whatever its kind: what any server would refuse.</summary>
internal static partial class ManifestShape
{
    /// <summary>Tells all faults; the id is null if there are too few names for one.</summary>
    public static ResourceId? Check(TreeMap root, Action<string> fault)
    {
        var version = RequiredText(root, "apiVersion", "apiVersion", fault);
        var kind = RequiredText(root, "kind", "kind", fault);
        if (version is not null && !ApiVersion().IsMatch(version))
        {
            fault($"apiVersion '{Shorten(version)}' is not of the form version or group/version");
            version = null;
        }

        if (kind is not null && !Kind().IsMatch(kind))
        {
            fault($"kind '{Shorten(kind)}' is not a kind's name");
            kind = null;
        }

        var (name, space) = Metadata(root, fault);
        if (version is null || kind is null || name is null) return null;
        var slash = version.IndexOf('/', StringComparison.Ordinal);
        return new ResourceId(slash < 0 ? "" : version[..slash], kind, space, name);
    }

    private static (string? Name, string Namespace) Metadata(TreeMap root, Action<string> fault)
    {
        if (root["metadata"] is not TreeMap metadata)
        {
            fault(root["metadata"] is { IsNull: false } other ? $"metadata is {other.TypeName}, not a mapping" : "metadata.name is missing");
            return (null, "");
        }

        Map(metadata, "labels", CheckLabel, fault);
        Map(metadata, "annotations", CheckAnnotation, fault);
        var space = OptionalText(metadata, "namespace", fault) ?? "";
        if (space.Length > 0 && !Label().IsMatch(space))
        {
            fault($"metadata.namespace '{Shorten(space)}' is not a namespace's name");
            space = "";
        }

        if (metadata["name"] is null or { IsNull: true } or TreeScalar { Text: "" })
        {
            if (metadata["generateName"] is not { IsNull: false })
            {
                fault("metadata.name is missing");
                return (null, space);
            }
            if (metadata.Map("annotations") is { } marks && marks.Entries.Any(mark => IsHookMark(mark.Key)))
                return RequiredText(metadata, "generateName", "metadata.generateName", fault) is { } prefix && IsName(prefix, fault, "metadata.generateName")
                    ? (ManifestObject.SlotOf(prefix, root), space) : (null, space);
            fault("metadata.generateName without metadata.name: an object needs a name of its own to be kept equal to Git (a hook does not)");
            return (null, space);
        }

        var name = RequiredText(metadata, "name", "metadata.name", fault);
        return name is null || IsName(name, fault, "metadata.name") ? (name, space) : (null, space);
    }

    private static bool IsName(string name, Action<string> fault, string path)
    {
        if (name.Length <= 253 && name is not ("." or "..") && Name().IsMatch(name)) return true;
        fault($"{path} '{Shorten(name)}' is not an object's name");
        return false;
    }

    private static bool IsHookMark(string annotation) => annotation is "gitopsgrains.io/hook" or "argocd.argoproj.io/hook" or "helm.sh/hook";

    private static void Map(TreeMap metadata, string field, Action<string, string, Action<string>> check, Action<string> fault)
    {
        var value = metadata[field];
        if (value is null or { IsNull: true }) return;
        if (value is not TreeMap map)
        {
            fault($"metadata.{field} is {value.TypeName}, not a mapping");
            return;
        }

        foreach (var (key, item) in map.Entries)
        {
            if (item.IsNull) continue;
            if (item.AsText() is { } text) check(key, text, fault);
            else fault($"metadata.{field}: the value of '{Shorten(key)}' is {item.TypeName}, not a string (quote it)");
        }
    }

    private static void CheckLabel(string key, string value, Action<string> fault)
    {
        CheckKey("labels", key, fault);
        if (value.Length > 0 && (value.Length > 63 || !LabelValue().IsMatch(value)))
            fault($"metadata.labels: the value of '{Shorten(key)}' is not a label's value (at most 63 letters, digits, '-', '_' and '.')");
    }

    private static void CheckAnnotation(string key, string value, Action<string> fault) => CheckKey("annotations", key, fault);

    private static void CheckKey(string field, string key, Action<string> fault)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        var name = key[(slash + 1)..];
        if (name.Length <= 63 && LabelValue().IsMatch(name) && (slash < 0 || (slash is > 0 and <= 253 && Prefix().IsMatch(key[..slash])))) return;
        fault($"metadata.{field}: '{Shorten(key)}' is not a key (prefix/name)");
    }

    private static string? RequiredText(TreeMap map, string key, string path, Action<string> fault)
    {
        var value = map[key];
        if (value?.AsText() is { Length: > 0 } text) return text;
        fault(value is null or { IsNull: true } or TreeScalar { Kind: ScalarKind.Text } ? $"{path} is missing" : $"{path} is {value.TypeName}, not a string (quote it)");
        return null;
    }

    private static string? OptionalText(TreeMap map, string key, Action<string> fault)
    {
        var value = map[key];
        if (value is null or { IsNull: true }) return null;
        if (value.AsText() is { } text) return text;
        fault($"metadata.{key} is {value.TypeName}, not a string (quote it)");
        return null;
    }

    private static string Shorten(string text) => text.Length <= 80 ? text : text[..77] + "...";

    [GeneratedRegex(@"^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[a-z]([-a-z0-9]{0,61}[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex ApiVersion();

    [GeneratedRegex(@"^[A-Za-z][-A-Za-z0-9]{0,62}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Kind();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Label();

    // Kinds differ (RBAC names hold colons and capitals); this is what fits into a path.
    [GeneratedRegex(@"^[^/%\s\p{Cc}]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    [GeneratedRegex(@"^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex LabelValue();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Prefix();
}
