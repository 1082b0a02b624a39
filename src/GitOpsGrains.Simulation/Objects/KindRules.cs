using System.Globalization;
using System.Text;
using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Fields;
using GitOpsGrains.Simulation.Schemas;

namespace GitOpsGrains.Simulation.Objects;

/// <summary>What a server itself adds to an object of some kinds as it stores it.</summary>
internal static class KindRules
{
    /// <param name="live">Null for a new object.</param>
    /// <param name="version">The version of the cluster, from which addresses are counted.</param>
    public static void Complete(JsonObject? live, JsonObject next, ResourceKind kind, long version, string now)
    {
        switch (kind.Storage)
        {
            case "secrets":
                TakeTexts(next);
                break;
            case "namespaces":
                CompleteNamespace(live, next);
                break;
            case "services":
                CompleteService(live, next, version);
                break;
            case "pods":
                Fill(next, "status", "phase", "Pending");
                break;
            case Clusters.KindCatalog.Definitions:
                CompleteDefinition(next, now);
                break;
        }

        if (live is null && !kind.IsCustom && kind.HasStatus) next.TryAdd("status", new JsonObject());
    }

    /// <summary>stringData is written to data and not kept.</summary>
    private static void TakeTexts(JsonObject next)
    {
        if (next["stringData"] is not JsonObject texts) return;
        next.Remove("stringData");
        if (next["data"] is not JsonObject data) next["data"] = data = [];
        foreach (var (name, text) in texts) data[name] = Convert.ToBase64String(Encoding.UTF8.GetBytes(text?.ToString() ?? ""));
    }

    private static void CompleteNamespace(JsonObject? live, JsonObject next)
    {
        if (live is null && next["spec"]?["finalizers"] is null) Child(next, "spec")["finalizers"] = new JsonArray("kubernetes");
        Fill(next, "status", "phase", "Active");
    }

    private static void CompleteService(JsonObject? live, JsonObject next, long version)
    {
        var spec = Child(next, "spec");
        if (spec["type"]?.ToString() != "ExternalName" && spec["clusterIP"] is null)
        {
            var address = live?["spec"]?["clusterIP"]?.ToString() ?? string.Create(CultureInfo.InvariantCulture, $"10.{96 + ((version >> 16) & 15)}.{(version >> 8) & 255}.{version & 255}");
            spec["clusterIP"] = address;
            spec["clusterIPs"] = new JsonArray(address);
        }
        else if (spec["clusterIP"] is { } given && spec["clusterIPs"] is null)
        {
            spec["clusterIPs"] = new JsonArray(given.DeepClone());
        }

        if (Child(next, "status") is { Count: 0 } status) status["loadBalancer"] = new JsonObject();
    }

    private static void CompleteDefinition(JsonObject next, string now)
    {
        var spec = Child(next, "spec");
        spec.TryAdd("conversion", new JsonObject { ["strategy"] = "None" });
        var names = Child(spec, "names");
        var kind = names["kind"]?.ToString() ?? "";
        names.TryAdd("singular", kind.ToLowerInvariant());
        names.TryAdd("listKind", kind + "List");
        var status = Child(next, "status");
        status["acceptedNames"] = names.DeepClone();
        status["storedVersions"] ??= new JsonArray([.. (spec["versions"] as JsonArray ?? []).Where(version => version?["storage"]?.ToString() == "true").Select(version => version!["name"]?.DeepClone())]);
        status["conditions"] ??= new JsonArray(Condition("NamesAccepted", "NoConflicts", "no conflicts found", now), Condition("Established", "InitialNamesAccepted", "the initial names have been accepted", now));
    }

    private static JsonObject Condition(string type, string reason, string message, string now) => new()
    {
        ["type"] = type, ["status"] = "True", ["lastTransitionTime"] = now, ["reason"] = reason, ["message"] = message,
    };

    private static void Fill(JsonObject node, string part, string name, string value) => Child(node, part).TryAdd(name, value);

    private static JsonObject Child(JsonObject node, string name)
    {
        if (node[name] is JsonObject child) return child;
        child = [];
        node[name] = child;
        return child;
    }
}
