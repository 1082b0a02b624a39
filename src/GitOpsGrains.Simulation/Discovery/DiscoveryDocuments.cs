using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Clusters;
using GitOpsGrains.Simulation.Schemas;

namespace GitOpsGrains.Simulation.Discovery;

/// <summary>What a server says of the kinds it serves: aggregated, as older lists, and the little of OpenAPI that kubectl asks for.</summary>
internal static class DiscoveryDocuments
{
    private static readonly string[] Verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
    private static readonly string[] SubresourceVerbs = ["get", "patch", "update"];

    /// <summary>Null for a path that is none of discovery.</summary>
    public static JsonObject? Find(string path, KindCatalog kinds, bool isAggregated) => path.Trim('/').Split('/') switch
    {
        ["api"] when isAggregated => Aggregated(kinds.All.Where(static kind => kind.Group.Length == 0)),
        ["apis"] when isAggregated => Aggregated(kinds.All.Where(static kind => kind.Group.Length > 0)),
        ["api"] => new JsonObject { ["kind"] = "APIVersions", ["versions"] = new JsonArray("v1") },
        ["apis"] => new JsonObject { ["kind"] = "APIGroupList", ["apiVersion"] = "v1", ["groups"] = new JsonArray([.. Groups(kinds).Select(Group)]) },
        ["api", var version] => List("", version, kinds),
        ["apis", var group] => Groups(kinds).FirstOrDefault(known => known.Key == group) is { } found ? Group(found) : null,
        ["apis", var group, var version] => List(group, version, kinds),
        ["openapi", "v3"] => OpenApiRoot(kinds),
        ["openapi", "v3", .. var rest] => OpenApi(string.Join('/', rest), kinds),
        _ => null,
    };

    private static IEnumerable<IGrouping<string, ResourceKind>> Groups(KindCatalog kinds) =>
        kinds.All.Where(static kind => kind.Group.Length > 0).GroupBy(static kind => kind.Group);

    private static JsonObject Group(IGrouping<string, ResourceKind> group)
    {
        var versions = group.Select(static kind => kind.Version).Distinct().Order(VersionOrder.Instance).Select(version => Version(group.Key, version)).ToArray();
        return new JsonObject
        {
            ["kind"] = "APIGroup", ["apiVersion"] = "v1", ["name"] = group.Key, ["versions"] = new JsonArray([.. versions]), ["preferredVersion"] = versions[0].DeepClone(),
        };
    }

    private static JsonObject Version(string group, string version) => new JsonObject { ["groupVersion"] = $"{group}/{version}", ["version"] = version };

    private static JsonObject? List(string group, string version, KindCatalog kinds)
    {
        var served = kinds.All.Where(kind => kind.Group == group && kind.Version == version).ToList();
        if (served.Count == 0) return null;
        return new JsonObject
        {
            ["kind"] = "APIResourceList", ["apiVersion"] = "v1", ["groupVersion"] = served[0].ApiVersion, ["resources"] = new JsonArray([.. served.SelectMany(Resources)]),
        };
    }

    private static IEnumerable<JsonNode> Resources(ResourceKind kind)
    {
        yield return new JsonObject
        {
            ["name"] = kind.Plural, ["singularName"] = kind.Singular, ["namespaced"] = kind.Namespaced, ["kind"] = kind.Kind,
            ["verbs"] = Texts(Verbs), ["shortNames"] = Texts(kind.ShortNames), ["categories"] = Texts(kind.Categories),
        };
        foreach (var part in kind.Subresources)
        {
            var resource = new JsonObject
            {
                ["name"] = $"{kind.Plural}/{part}", ["singularName"] = "", ["namespaced"] = kind.Namespaced, ["kind"] = part == "scale" ? "Scale" : kind.Kind,
                ["verbs"] = Texts(SubresourceVerbs),
            };
            if (part == "scale") (resource["group"], resource["version"]) = ("autoscaling", "v1");
            yield return resource;
        }
    }

    private static JsonObject Aggregated(IEnumerable<ResourceKind> kinds)
    {
        var groups = kinds.GroupBy(static kind => kind.Group).Select(group =>
        {
            var versions = group.GroupBy(static kind => kind.Version).OrderBy(static version => version.Key, VersionOrder.Instance)
                .Select(static version => new JsonObject
                {
                    ["version"] = version.Key, ["freshness"] = "Current", ["resources"] = new JsonArray([.. version.Select(AggregatedResource)]),
                });
            var metadata = new JsonObject { ["creationTimestamp"] = null };
            if (group.Key.Length > 0) metadata["name"] = group.Key;
            return new JsonObject { ["metadata"] = metadata, ["versions"] = new JsonArray([.. versions]) };
        });
        return new JsonObject
        {
            ["kind"] = "APIGroupDiscoveryList", ["apiVersion"] = "apidiscovery.k8s.io/v2", ["metadata"] = new JsonObject(), ["items"] = new JsonArray([.. groups]),
        };
    }

    private static JsonNode AggregatedResource(ResourceKind kind)
    {
        var parts = kind.Subresources.Select(part => new JsonObject
        {
            ["subresource"] = part, ["responseKind"] = part == "scale" ? Kind("autoscaling", "v1", "Scale") : Kind(kind.Group, kind.Version, kind.Kind), ["verbs"] = Texts(SubresourceVerbs),
        });
        return new JsonObject
        {
            ["resource"] = kind.Plural, ["responseKind"] = Kind(kind.Group, kind.Version, kind.Kind), ["scope"] = kind.Namespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = kind.Singular, ["verbs"] = Texts(Verbs), ["shortNames"] = Texts(kind.ShortNames), ["categories"] = Texts(kind.Categories), ["subresources"] = new JsonArray([.. parts]),
        };
    }

    private static JsonObject OpenApiRoot(KindCatalog kinds)
    {
        var paths = new JsonObject();
        foreach (var kind in kinds.All.DistinctBy(static kind => kind.ApiVersion))
            paths[Path(kind)] = new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{Path(kind)}" };
        return new JsonObject { ["paths"] = paths };
    }

    /// <summary>The types, and of the paths only that patches know dryRun and fieldValidation: by that kubectl leaves the checks to the server.</summary>
    private static JsonObject? OpenApi(string path, KindCatalog kinds)
    {
        var paths = new JsonObject();
        foreach (var kind in kinds.All.Where(kind => Path(kind) == path))
        {
            var patch = new JsonObject
            {
                ["parameters"] = new JsonArray(Parameter("dryRun"), Parameter("fieldManager"), Parameter("fieldValidation"), Parameter("force")),
                ["responses"] = new JsonObject(),
                ["x-kubernetes-group-version-kind"] = Kind(kind.Group, kind.Version, kind.Kind),
            };
            paths[$"/{path}/{(kind.Namespaced ? "namespaces/{namespace}/" : "")}{kind.Plural}/{{name}}"] = new JsonObject { ["patch"] = patch };
        }

        return paths.Count == 0 ? null : new JsonObject
        {
            ["openapi"] = "3.0.0", ["info"] = new JsonObject { ["title"] = "Kubernetes (simulated)", ["version"] = "1" }, ["paths"] = paths, ["components"] = new JsonObject { ["schemas"] = OpenApiSchemas.Of(kinds.All.Where(kind => Path(kind) == path)) },
        };
    }

    private static string Path(ResourceKind kind) => kind.Group.Length == 0 ? $"api/{kind.Version}" : $"apis/{kind.ApiVersion}";

    private static JsonObject Parameter(string name) => new JsonObject { ["name"] = name, ["in"] = "query", ["schema"] = new JsonObject { ["type"] = "string" } };

    private static JsonObject Kind(string group, string version, string kind) => new JsonObject { ["group"] = group, ["version"] = version, ["kind"] = kind };

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(static text => (JsonNode)text)]);
}
