using System.Text.Json;
using GitOpsGrains.Simulation.Json;
using System.Text.RegularExpressions;
using GitOpsGrains.Simulation.Fields;
using GitOpsGrains.Simulation.Schemas;

namespace GitOpsGrains.Simulation.Objects;

/// <summary>The checks that a server makes of a whole object: those that people meet, not all of them.</summary>
internal static partial class ObjectRules
{
    private const string NameRule =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com')";

    private const string QualifiedRule =
        "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc')";

    private static readonly HashSet<string> FreeNames =
        ["roles.rbac.authorization.k8s.io", "rolebindings.rbac.authorization.k8s.io", "clusterroles.rbac.authorization.k8s.io", "clusterrolebindings.rbac.authorization.k8s.io"];

    private static readonly HashSet<string> Selecting = ["deployments.apps", "statefulsets.apps", "daemonsets.apps", "replicasets.apps"];

    /// <param name="live">Null for a new object.</param>
    public static void Check(JsonObject? live, JsonObject next, ResourceKind kind)
    {
        List<(string Field, string Message)> faults = [];
        var name = ObjectMetadata.Text(next, "name") ?? "";
        if (live is null && (name.Length > 253 || !(FreeNames.Contains(kind.Storage) ? FreeName() : Name()).IsMatch(name)))
            faults.Add(("metadata.name", $"Invalid value: \"{name}\": {NameRule}"));
        CheckLabels(next, faults);
        if (live is not null && ObjectMetadata.IsDeleting(live)) CheckFinalizers(live, next, faults);
        if (next["spec"] is JsonObject spec) CheckSpec(live?["spec"] as JsonObject, spec, kind, faults);
        if (kind.Storage == "configmaps" || kind.Storage == "secrets") CheckImmutable(live, next, faults);
        if (kind.Storage == Clusters.KindCatalog.Definitions) CheckDefinition(next, faults);
        if (kind.IsCustom) CheckCustom(next, kind.Type, "", faults);
        else if (LacksRequired(next, kind.Type, isChecked: false)) CheckRequired(next, kind.Type, "", faults);
        if (faults.Count > 0) throw ApiException.Invalid(kind, name, faults);
    }

    private static void CheckFinalizers(JsonObject live, JsonObject next, List<(string, string)> faults)
    {
        var added = ObjectMetadata.Finalizers(next).Select(static name => name?.ToString()).Except(ObjectMetadata.Finalizers(live).Select(static name => name?.ToString())).ToList();
        if (added.Count > 0)
            faults.Add(("metadata.finalizers", $"Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{{{string.Join(", ", added.Select(static name => $"\"{name}\""))}}}"));
    }

    private static void CheckLabels(JsonObject next, List<(string, string)> faults)
    {
        foreach (var (name, _) in next["metadata"]?["annotations"] as JsonObject ?? [])
            if (!IsQualified(name)) faults.Add(("metadata.annotations", $"Invalid value: \"{name}\": {QualifiedRule}"));
        foreach (var (name, value) in next["metadata"]?["labels"] as JsonObject ?? [])
        {
            if (!IsQualified(name)) faults.Add(("metadata.labels", $"Invalid value: \"{name}\": {QualifiedRule}"));
            var text = value?.ToString() ?? "";
            if (text.Length > 63 || (text.Length > 0 && !LabelValue().IsMatch(text)))
                faults.Add(("metadata.labels", $"Invalid value: \"{text}\": a valid label of '{name}' consists of at most 63 alphanumeric characters, '-', '_' or '.'"));
        }
    }

    private static bool IsQualified(string name)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        var (prefix, last) = slash < 0 ? ("a", name) : (name[..slash], name[(slash + 1)..]);
        return prefix.Length <= 253 && last.Length is > 0 and <= 63 && Name().IsMatch(prefix.ToLowerInvariant()) && LabelValue().IsMatch(last);
    }

    private static void CheckSpec(JsonObject? live, JsonObject spec, ResourceKind kind, List<(string, string)> faults)
    {
        if (!kind.IsCustom && spec["replicas"] is JsonValue replicas && replicas.TryGetValue<long>(out var count) && count < 0)
            faults.Add(("spec.replicas", $"Invalid value: {count}: must be greater than or equal to 0"));
        if (kind.Storage == "services")
        {
            foreach (var port in (spec["ports"] as JsonArray ?? []).OfType<JsonObject>())
                if (port["port"] is JsonValue number && number.TryGetValue<long>(out var value) && value is < 1 or > 65535)
                    faults.Add(("spec.ports[0].port", $"Invalid value: {value}: must be between 1 and 65535, inclusive"));
        }

        if (!Selecting.Contains(kind.Storage)) return;
        var selector = spec["selector"]?["matchLabels"] as JsonObject ?? [];
        var labels = spec["template"]?["metadata"]?["labels"] as JsonObject ?? [];
        if (selector.Any(wanted => labels[wanted.Key]?.ToString() != wanted.Value?.ToString()))
            faults.Add(("spec.template.metadata.labels", $"Invalid value: {labels.ToJsonString()}: `selector` does not match template `labels`"));
        if (live is not null && !JsonNode.DeepEquals(live["selector"], spec["selector"]))
            faults.Add(("spec.selector", $"Invalid value: {spec["selector"]?.ToJsonString()}: field is immutable"));
    }

    private static void CheckImmutable(JsonObject? live, JsonObject next, List<(string, string)> faults)
    {
        if (live?["immutable"]?.GetValueKind() != JsonValueKind.True) return;
        if (!JsonNode.DeepEquals(live["data"], next["data"])) faults.Add(("data", "Forbidden: field is immutable when `immutable` is set"));
    }

    private static void CheckDefinition(JsonObject next, List<(string, string)> faults)
    {
        var wanted = $"{next["spec"]?["names"]?["plural"]}.{next["spec"]?["group"]}";
        if (ObjectMetadata.Text(next, "name") != wanted) faults.Add(("metadata.name", $"Invalid value: \"{ObjectMetadata.Text(next, "name")}\": must be spec.names.plural+\".\"+spec.group"));
        try
        {
            CustomKinds.Read(next);
        }
        catch (FormatException fault)
        {
            faults.Add(("spec.validation.openAPIV3Schema", fault.Message));
        }
    }

    private static bool LacksRequired(JsonNode? value, SchemaType type, bool isChecked)
    {
        if (value is JsonObject map)
        {
            if (isChecked && (type.Required.Any(name => map[name] is null) || LacksImage(map, type))) return true;
            foreach (var (name, child) in map)
                if (child is not JsonValue && name != "status" && type.Member(name) is { } member && LacksRequired(child, member, isChecked || name != "metadata")) return true;
        }
        else if (value is JsonArray list)
        {
            foreach (var item in list)
                if (LacksRequired(item, type.Item, isChecked)) return true;
        }

        return false;
    }

    /// <summary>OpenAPI does not call it required, servers do.</summary>
    private static bool LacksImage(JsonObject map, SchemaType type) => type.Name == "core.v1.Container" && map["image"] is null;

    /// <summary>Only what is missing: types and names were checked before.</summary>
    private static void CheckRequired(JsonNode? value, SchemaType type, string path, List<(string, string)> faults)
    {
        if (value is JsonObject map)
        {
            foreach (var name in type.Required)
                if (map[name] is null && IsChecked(path)) faults.Add((Join(path, name), "Required value"));
            if (LacksImage(map, type)) faults.Add((Join(path, "image"), "Required value"));
            foreach (var (name, child) in map)
                if (name != "status" && type.Member(name) is { } member) CheckRequired(child, member, Join(path, name), faults);
        }
        else if (value is JsonArray list)
        {
            for (var index = 0; index < list.Count; index++) CheckRequired(list[index], type.Item, $"{path}[{index}]", faults);
        }
    }

    // OpenAPI calls some fields required that servers let pass when they are empty.
    private static bool IsChecked(string path) => path.Length > 0 && !path.StartsWith("metadata", StringComparison.Ordinal);

    private static void CheckCustom(JsonNode? value, SchemaType type, string path, List<(string, string)> faults)
    {
        if (value is null || path == "metadata") return;
        if (!TypedValue.IsOf(value, type))
        {
            faults.Add((path, $"Invalid value: \"{value.GetValueKind()}\": {path} in body must be of type {TypedValue.Name(type)}"));
            return;
        }

        if (type.Rules?.Fault(value) is { } fault) faults.Add((path, fault));
        if (value is JsonObject map)
        {
            foreach (var name in type.Required)
                if (map[name] is null) faults.Add((Join(path, name), "Required value"));
            foreach (var (name, child) in map)
                if (type.Member(name) is { } member) CheckCustom(child, member, Join(path, name), faults);
        }
        else if (value is JsonArray list)
        {
            for (var index = 0; index < list.Count; index++) CheckCustom(list[index], type.Item, $"{path}[{index}]", faults);
        }
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"^[^/%]+\z")]
    private static partial Regex FreeName();

    [GeneratedRegex(@"^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?\z")]
    private static partial Regex LabelValue();
}
