using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Objects;
using GitOpsGrains.Simulation.Schemas;

namespace GitOpsGrains.Simulation.Tables;

/// <summary>One column of a table.</summary>
/// <param name="Priority">1: only of wide tables.</param>
internal sealed record TableColumn(string Name, Func<JsonObject, DateTimeOffset, JsonNode?> Cell, string Type = "string", int Priority = 0);

/// <summary>The columns that servers show of each kind.</summary>
internal static class TableColumns
{
    private static readonly TableColumn Name = new("Name", static (node, _) => ObjectMetadata.Text(node, "name"));
    private static readonly TableColumn Age = new("Age", static (node, now) => Ages.Of(node, now));
    private static readonly TableColumn CreatedAt = new("Created At", static (node, _) => ObjectMetadata.Text(node, "creationTimestamp"));
    private static readonly TableColumn Containers = Wide("Containers", static node => TableCells.Containers(node, "name"));
    private static readonly TableColumn Images = Wide("Images", static node => TableCells.Containers(node, "image"));
    private static readonly TableColumn Selector = Wide("Selector", static node => TableCells.Selector(node["spec"]?["selector"]));

    private static readonly TableColumn[] OfBinding =
    [
        Name, Text("Role", static node => $"{node["roleRef"]?["kind"]}/{node["roleRef"]?["name"]}"), Age,
        Wide("Users", static node => TableCells.Subjects(node, "User")), Wide("Groups", static node => TableCells.Subjects(node, "Group")), Wide("ServiceAccounts", static node => TableCells.Subjects(node, "ServiceAccount")),
    ];

    private static readonly Dictionary<string, TableColumn[]> BuiltIn = new()
    {
        ["deployments.apps"] = [Name, Text("Ready", static node => $"{Number(node, "status", "readyReplicas")}/{Number(node, "spec", "replicas")}"), Count("Up-to-date", "status", "updatedReplicas"), Count("Available", "status", "availableReplicas"), Age, Containers, Images, Selector],
        ["statefulsets.apps"] = [Name, Text("Ready", static node => $"{Number(node, "status", "readyReplicas")}/{Number(node, "spec", "replicas")}"), Age, Containers, Images],
        ["replicasets.apps"] = [Name, Count("Desired", "spec", "replicas"), Count("Current", "status", "replicas"), Count("Ready", "status", "readyReplicas"), Age, Containers, Images, Selector],
        ["daemonsets.apps"] =
        [
            Name, Count("Desired", "status", "desiredNumberScheduled"), Count("Current", "status", "currentNumberScheduled"), Count("Ready", "status", "numberReady"), Count("Up-to-date", "status", "updatedNumberScheduled"),
            Count("Available", "status", "numberAvailable"), Text("Node Selector", static node => TableCells.Labels(node["spec"]?["template"]?["spec"]?["nodeSelector"])), Age, Containers, Images, Selector,
        ],
        ["jobs.batch"] =
        [
            Name, Text("Completions", static node => $"{Number(node, "status", "succeeded")}/{Number(node, "spec", "completions")}"), new("Duration", TableCells.Duration), Age, Containers, Images, Selector,
        ],
        ["cronjobs.batch"] =
        [
            Name, Field("Schedule", "spec", "schedule"), Text("Suspend", static node => node["spec"]?["suspend"]?.ToString() == "true" ? "True" : "False"), new("Active", static (node, _) => (node["status"]?["active"] as JsonArray)?.Count ?? 0, "integer"),
            new("Last Schedule", static (node, now) => node["status"]?["lastScheduleTime"] is { } time ? Ages.Since(time.ToString(), now) : "<none>"), Age,
        ],
        ["pods"] = [Name, Text("Ready", TableCells.ReadyContainers), Text("Status", TableCells.PodStatus), Text("Restarts", TableCells.Restarts), Age, Wide("IP", static node => node["status"]?["podIP"]?.ToString() ?? "<none>"), Wide("Node", static node => node["spec"]?["nodeName"]?.ToString() ?? "<none>"), Wide("Nominated Node", static _ => "<none>"), Wide("Readiness Gates", static _ => "<none>")],
        ["services"] = [Name, Field("Type", "spec", "type"), Text("Cluster-IP", static node => node["spec"]?["clusterIP"]?.ToString() ?? "<none>"), Text("External-IP", TableCells.ExternalAddresses), Text("Port(s)", TableCells.Ports), Age, Wide("Selector", static node => TableCells.Labels(node["spec"]?["selector"]))],
        ["configmaps"] = [Name, new("Data", static (node, _) => Entries(node, "data") + Entries(node, "binaryData"), "integer"), Age],
        ["secrets"] = [Name, Field("Type", "type"), new("Data", static (node, _) => Entries(node, "data"), "integer"), Age],
        ["namespaces"] = [Name, Field("Status", "status", "phase"), Age],
        ["serviceaccounts"] = [Name, new("Secrets", static (node, _) => (node["secrets"] as JsonArray)?.Count ?? 0, "integer"), Age],
        ["persistentvolumeclaims"] =
        [
            Name, Field("Status", "status", "phase"), Field("Volume", "spec", "volumeName"), Text("Capacity", static node => node["status"]?["capacity"]?["storage"]?.ToString() ?? ""), Text("Access Modes", TableCells.AccessModes),
            Field("StorageClass", "spec", "storageClassName"), Age, Wide("VolumeMode", static node => node["spec"]?["volumeMode"]?.ToString() ?? "<unset>"),
        ],
        ["ingresses.networking.k8s.io"] =
        [
            Name, Text("Class", static node => node["spec"]?["ingressClassName"]?.ToString() ?? "<none>"), Text("Hosts", TableCells.Hosts), Text("Address", TableCells.IngressAddresses),
            Text("Ports", static node => node["spec"]?["tls"] is JsonArray { Count: > 0 } ? "80, 443" : "80"), Age,
        ],
        ["networkpolicies.networking.k8s.io"] = [Name, Text("Pod-Selector", static node => TableCells.Selector(node["spec"]?["podSelector"])), Age],
        ["roles.rbac.authorization.k8s.io"] = [Name, CreatedAt],
        ["clusterroles.rbac.authorization.k8s.io"] = [Name, CreatedAt],
        ["rolebindings.rbac.authorization.k8s.io"] = OfBinding,
        ["clusterrolebindings.rbac.authorization.k8s.io"] = OfBinding,
        [Clusters.KindCatalog.Definitions] = [Name, CreatedAt],
    };

    private static readonly TableColumn[] OfAny = [Name, Age];

    public static IReadOnlyList<TableColumn> Of(ResourceKind kind) =>
        kind.IsCustom && kind.PrinterColumns.Count > 0 ? [Name, .. kind.PrinterColumns.Select(OfDefinition)] : BuiltIn.GetValueOrDefault(kind.Storage, OfAny);

    private static TableColumn OfDefinition(PrinterColumn column)
    {
        string[] path = [.. column.JsonPath.Split('.', StringSplitOptions.RemoveEmptyEntries)];
        return new TableColumn(column.Name, (node, now) =>
        {
            JsonNode? at = node;
            foreach (var step in path) at = (at as JsonObject)?[step];
            return column.Type == "date" && at is not null ? Ages.Since(at.ToString(), now) : at?.DeepClone();
        }, column.Type, column.Priority);
    }

    private static TableColumn Text(string name, Func<JsonObject, string> cell) => new(name, (node, _) => cell(node));

    private static TableColumn Wide(string name, Func<JsonObject, string> cell) => new(name, (node, _) => cell(node), Priority: 1);

    private static TableColumn Field(string name, params string[] path) => Text(name, node =>
    {
        JsonNode? at = node;
        foreach (var step in path) at = (at as JsonObject)?[step];
        return at?.ToString() ?? "";
    });

    private static TableColumn Count(string name, string part, string field) => new(name, (node, _) => Number(node, part, field), "integer");

    private static long Number(JsonObject node, string part, string field) => (node[part] as JsonObject)?[field] is JsonValue value && value.IsInteger(out var number) ? number : 0;

    private static int Entries(JsonObject node, string name) => (node[name] as JsonObject)?.Count ?? 0;
}
