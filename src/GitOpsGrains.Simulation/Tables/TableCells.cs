using System.Globalization;
using GitOpsGrains.Simulation.Json;

namespace GitOpsGrains.Simulation.Tables;

/// <summary>Cells that are made of more than one field.</summary>
internal static class TableCells
{
    private const string None = "<none>";

    public static string Containers(JsonObject node, string field) =>
        string.Join(',', Objects(node["spec"]?["template"]?["spec"]?["containers"]).Select(container => container[field]?.ToString() ?? ""));

    public static string Labels(JsonNode? labels) =>
        labels is JsonObject { Count: > 0 } map ? string.Join(',', map.OrderBy(static label => label.Key, StringComparer.Ordinal).Select(static label => $"{label.Key}={label.Value}")) : None;

    public static string Selector(JsonNode? selector)
    {
        var terms = (selector?["matchLabels"] as JsonObject ?? []).OrderBy(static label => label.Key, StringComparer.Ordinal).Select(static label => $"{label.Key}={label.Value}")
            .Concat(Objects(selector?["matchExpressions"]).Select(Expression));
        var text = string.Join(',', terms);
        return text.Length > 0 ? text : None;
    }

    public static string ReadyContainers(JsonObject node) =>
        $"{Objects(node["status"]?["containerStatuses"]).Count(static status => status["ready"]?.ToString() == "true")}/{Objects(node["spec"]?["containers"]).Count()}";

    public static string PodStatus(JsonObject node)
    {
        if (node["metadata"]?["deletionTimestamp"] is not null) return "Terminating";
        var waiting = Objects(node["status"]?["containerStatuses"]).Select(static status => status["state"]?["waiting"]?["reason"]?.ToString()).FirstOrDefault(static reason => reason is not null);
        return waiting ?? node["status"]?["reason"]?.ToString() ?? (node["status"]?["phase"]?.ToString() == "Succeeded" ? "Completed" : node["status"]?["phase"]?.ToString() ?? "");
    }

    public static string Restarts(JsonObject node) => Objects(node["status"]?["containerStatuses"])
        .Sum(static status => status["restartCount"] is JsonValue count && count.IsInteger(out var number) ? number : 0).ToString(CultureInfo.InvariantCulture);

    public static JsonNode Duration(JsonObject node, DateTimeOffset now)
    {
        if (node["status"]?["startTime"]?.ToString() is not { } start) return "";
        var end = DateTimeOffset.TryParse(node["status"]?["completionTime"]?.ToString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var done) ? done : now;
        return Ages.Since(start, end);
    }

    public static string Ports(JsonObject node)
    {
        var ports = Objects(node["spec"]?["ports"]).Select(static port => $"{port["port"]}{(port["nodePort"] is { } nodePort ? $":{nodePort}" : "")}/{port["protocol"]}");
        var text = string.Join(',', ports);
        return text.Length > 0 ? text : None;
    }

    public static string ExternalAddresses(JsonObject node)
    {
        var spec = node["spec"];
        var given = (spec?["externalIPs"] as JsonArray ?? []).Select(static address => address?.ToString() ?? "");
        return spec?["type"]?.ToString() switch
        {
            "ExternalName" => spec["externalName"]?.ToString() ?? "",
            "LoadBalancer" => Or("<pending>", [.. Addresses(node), .. given]),
            _ => Or(None, given),
        };
    }

    public static string IngressAddresses(JsonObject node) => string.Join(',', Addresses(node));

    public static string Hosts(JsonObject node) => Or("*", Objects(node["spec"]?["rules"]).Select(static rule => rule["host"]?.ToString() ?? "").Where(static host => host.Length > 0));

    public static string Subjects(JsonObject node, string kind) => string.Join(", ", Objects(node["subjects"]).Where(subject => subject["kind"]?.ToString() == kind)
        .Select(subject => kind == "ServiceAccount" ? $"{subject["namespace"]}/{subject["name"]}" : subject["name"]?.ToString() ?? ""));

    public static string AccessModes(JsonObject node) => string.Join(',', (node["status"]?["accessModes"] as JsonArray ?? []).Select(static mode => mode?.ToString() switch
    {
        "ReadWriteOnce" => "RWO",
        "ReadOnlyMany" => "ROX",
        "ReadWriteMany" => "RWX",
        _ => "RWOP",
    }));

    private static IEnumerable<string> Addresses(JsonObject node) =>
        Objects(node["status"]?["loadBalancer"]?["ingress"]).Select(static entry => (entry["ip"] ?? entry["hostname"])?.ToString() ?? "");

    private static string Expression(JsonObject term)
    {
        var values = string.Join(',', (term["values"] as JsonArray ?? []).Select(static value => value?.ToString()));
        return term["operator"]?.ToString() switch
        {
            "In" => $"{term["key"]} in ({values})",
            "NotIn" => $"{term["key"]} notin ({values})",
            "Exists" => $"{term["key"]}",
            _ => $"!{term["key"]}",
        };
    }

    private static string Or(string nothing, IEnumerable<string> texts) => string.Join(',', texts) is { Length: > 0 } text ? text : nothing;

    private static IEnumerable<JsonObject> Objects(JsonNode? list) => (list as JsonArray ?? []).OfType<JsonObject>();
}
