namespace GitOpsGrains.Simulation.Tests;

/// <summary>Objects that many tests need.</summary>
internal static class Sample
{
    public const string ConfigMaps = "/api/v1/namespaces/default/configmaps";
    public const string Deployments = "/apis/apps/v1/namespaces/default/deployments";
    public const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    public const string Probes = "/apis/example.com/v1/namespaces/default/probes";

    /// <summary>Probes, whose spec may be anything.</summary>
    public const string Definition = """
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"probes.example.com"},"spec":{"group":"example.com","scope":"Namespaced","names":{"kind":"Probe","plural":"probes"},
         "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}}}]}}
        """;

    public static string ConfigMap(string name, string metadata = "", string data = """{"key":"value"}""") =>
        $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}"{{{metadata}}} },"data":{{{data}}} }""";

    public static string Deployment(string name, string metadata = "") => $$$"""
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"{{{name}}}"{{{metadata}}} },"spec":{"replicas":2,"selector":{"matchLabels":{"app":"{{{name}}}"} },
         "template":{"metadata":{"labels":{"app":"{{{name}}}"} },"spec":{"containers":[{"name":"main","image":"example.com/main:1"}]} } } }
        """;

    public static string Probe(string name, string spec) => $$$"""{"apiVersion":"example.com/v1","kind":"Probe","metadata":{"name":"{{{name}}}"},"spec":{{{spec}}} }""";

    /// <summary>An ownerReferences member for the metadata of a dependent.</summary>
    public static string OwnedBy(params (string ApiVersion, string Kind, string Name, string Uid)[] owners) =>
        $",\"ownerReferences\":[{string.Join(',', owners.Select(static owner => $$"""{"apiVersion":"{{owner.ApiVersion}}","kind":"{{owner.Kind}}","name":"{{owner.Name}}","uid":"{{owner.Uid}}","blockOwnerDeletion":true}"""))}]";
}
