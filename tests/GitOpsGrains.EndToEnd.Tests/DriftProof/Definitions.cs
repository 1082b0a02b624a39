using System.Text.Json.Nodes;
using GitOpsGrains.EndToEnd.Tests.DriftProof.Cases;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.EndToEnd.Tests.DriftProof;

/// <summary>The definitions that the cases of custom resources need.</summary>
internal static class Definitions
{
    private const string Schema = """
        {"type":"object","properties":{
          "spec":{"type":"object","properties":{
            "size":{"type":"integer"},"replicas":{"type":"integer"},"mode":{"type":"string","default":"auto"},
            "port":{"x-kubernetes-int-or-string":true},
            "tags":{"type":"array","items":{"type":"string"}},
            "set":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
            "items":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],
              "items":{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"value":{"type":"string"}}}},
            "nested":{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}}},
            "free":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}},
          "status":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}
        """;

    private const string Preserve = """{"type":"object","x-kubernetes-preserve-unknown-fields":true}""";
    private const string Subresources = """{"status":{},"scale":{"specReplicasPath":".spec.replicas","statusReplicasPath":".status.replicas"}}""";

    public static async Task InstallAsync(ApiServer server)
    {
        List<(string Kind, string Json)> definitions =
        [
            Of("Structured", Version("v1", Schema, true, Subresources)),
            Of("Loose", Version("v1", Preserve, true)),
            Of("NoStatus", Version("v1", Preserve, true)),
            Of("TwoVersion", Version("v1", Preserve, true), Version("v1alpha1", Preserve, false)),
        ];
        foreach (var (_, json) in definitions) await server.Client.PostAsync("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", json);
        if (server.MinorVersion < 22)
        {
            definitions.Add(("Old", NonStructural()));
            await server.Client.PostAsync("/apis/apiextensions.k8s.io/v1beta1/customresourcedefinitions", NonStructural());
        }
        foreach (var (kind, _) in definitions)
            await Eventually.TrueAsync(async () => await server.Client.FindJsonAsync($"/apis/{CustomResourceCases.Group}/v1/{Plural(kind)}") is not null, $"served {kind}");
    }

    private static string Plural(string kind) => kind.ToLowerInvariant() + "s";

    private static JsonObject Version(string name, string schema, bool isStored, string? subresources = null)
    {
        var version = new JsonObject
        {
            ["name"] = name,
            ["served"] = true,
            ["storage"] = isStored,
            ["schema"] = new JsonObject { ["openAPIV3Schema"] = JsonNode.Parse(schema) },
        };
        if (subresources is not null) version["subresources"] = JsonNode.Parse(subresources);
        return version;
    }

    private static (string Kind, string Json) Of(string kind, params JsonNode[] versions) => (kind, new JsonObject
    {
        ["apiVersion"] = "apiextensions.k8s.io/v1",
        ["kind"] = "CustomResourceDefinition",
        ["metadata"] = new JsonObject { ["name"] = $"{Plural(kind)}.{CustomResourceCases.Group}" },
        ["spec"] = new JsonObject
        {
            ["group"] = CustomResourceCases.Group,
            ["scope"] = "Namespaced",
            ["names"] = Names(kind),
            ["versions"] = new JsonArray(versions),
        },
    }.ToJsonString());

    private static string NonStructural() => new JsonObject
    {
        ["apiVersion"] = "apiextensions.k8s.io/v1beta1",
        ["kind"] = "CustomResourceDefinition",
        ["metadata"] = new JsonObject { ["name"] = $"olds.{CustomResourceCases.Group}" },
        ["spec"] = new JsonObject
        {
            ["group"] = CustomResourceCases.Group,
            ["version"] = "v1",
            ["scope"] = "Namespaced",
            ["names"] = Names("Old"),
            ["preserveUnknownFields"] = true,
        },
    }.ToJsonString();

    private static JsonObject Names(string kind) => new() { ["kind"] = kind, ["plural"] = Plural(kind), ["singular"] = kind.ToLowerInvariant() };
}
