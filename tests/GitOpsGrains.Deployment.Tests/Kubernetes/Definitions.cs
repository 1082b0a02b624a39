using System.Text.Json.Nodes;

namespace GitOpsGrains.Deployment.Tests.Kubernetes;

/// <summary>
/// Kinds of the Prometheus operator and of cert-manager as the server has to know them. Of each the fields that the manifests may
/// use, by the names and types of their projects' references, and no others: a wrong one is refused.
/// </summary>
internal static class Definitions
{
    private const string Text = """{"type":"string"}""";
    private const string Texts = """{"type":"array","items":{"type":"string"}}""";
    private const string Labels = """{"type":"object","additionalProperties":{"type":"string"}}""";
    private const string Selector = $$"""{"type":"object","properties":{"matchLabels":{{Labels}},"matchExpressions":{"type":"array","items":{"type":"object","properties":{"key":{{Text}},"operator":{{Text}},"values":{{Texts}} } } } } }""";

    public static IReadOnlyList<JsonObject> All { get; } =
    [
        Of("monitoring.coreos.com", "PodMonitor", $$"""{"selector":{{Selector}},"podMetricsEndpoints":{"type":"array","items":{"type":"object","properties":{"port":{{Text}},"path":{{Text}},"interval":{{Text}} } } } }"""),
        Of("monitoring.coreos.com", "PrometheusRule", $$"""
            {"groups":{"type":"array","items":{"type":"object","required":["name"],"properties":{"name":{{Text}},"rules":{"type":"array","items":{"type":"object","required":["expr"],
             "properties":{"alert":{{Text}},"expr":{{Text}},"for":{{Text}},"labels":{{Labels}},"annotations":{{Labels}} } } } } } } }
            """),
        Of("cert-manager.io", "Certificate", $$"""
            {"secretName":{{Text}},"dnsNames":{{Texts}},"duration":{{Text}},"renewBefore":{{Text}},
             "usages":{"type":"array","items":{"type":"string","enum":["digital signature","server auth","client auth"]} },
             "privateKey":{"type":"object","properties":{"algorithm":{"type":"string","enum":["RSA","ECDSA","Ed25519"]},"size":{"type":"integer"},"rotationPolicy":{"type":"string","enum":["Never","Always"]} } },
             "issuerRef":{"type":"object","required":["name"],"properties":{"name":{{Text}},"kind":{{Text}},"group":{{Text}} } } }
            """),
    ];

    private static JsonObject Of(string group, string kind, string properties)
    {
        var plural = $"{kind.ToLowerInvariant()}s";
        return JsonNode.Parse($$"""
            {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"{{plural}}.{{group}}"},
             "spec":{"group":"{{group}}","scope":"Namespaced","names":{"plural":"{{plural}}","singular":"{{kind.ToLowerInvariant()}}","kind":"{{kind}}","listKind":"{{kind}}List"},
              "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","properties":{{properties}} } } } } }] } }
            """)!.AsObject();
    }
}
