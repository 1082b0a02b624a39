using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.EndToEnd.Tests;

/// <summary>Documents and manifests as text.</summary>
internal static class Manifests
{
    public const string Automated = "{automated: true, prune: true, selfHeal: true}";

    /// <param name="interval">Of its polls; null: 5 s.</param>
    public static string Repository(string name, string url, TimeSpan? interval = null) => $$"""
        apiVersion: gitopsgrains.io/v1
        kind: Repository
        metadata: {name: {{name}}}
        spec:
          url: "{{url}}"
          poll: {interval: {{interval?.TotalSeconds ?? 5}}s}
        ---

        """;

    public static string Cluster(string name, string kubeconfig) => $$"""
        apiVersion: gitopsgrains.io/v1
        kind: Cluster
        metadata: {name: {{name}}}
        spec:
          kubeconfig: {file: "{{kubeconfig}}"}
        ---

        """;

    /// <summary>An API server as the cluster that applications go to where they name no other, by a kubeconfig of its own.</summary>
    public static string Cluster(ApiServer server) =>
        Cluster(FleetFixture.Cluster, server.WriteKubeconfig(Path.Combine(server.Folder, $"{Guid.NewGuid():N}.yaml")));

    /// <param name="space">The destination namespace; null: of the repository's name.</param>
    /// <param name="more">Further fields of the spec: "suspend: true".</param>
    public static string Application(
        string name, string repository, string path = "app", string sync = Automated, string clusters = FleetFixture.Cluster, string more = "", string? space = null) => $$"""
        apiVersion: gitopsgrains.io/v1
        kind: Application
        metadata: {name: {{name}}}
        spec:
          source: {repository: {{repository}}, ref: main, path: {{path}}}
          destination: {clusters: [{{clusters}}], namespace: {{space ?? repository}}}
          sync: {{sync}}
          driftCheck: {interval: 1m, deepInterval: 15m}
          {{more}}
        ---

        """;

    public static string ConfigMap(string name, string value) => $$"""
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: {{name}}}
        data: {value: "{{value}}"}
        ---

        """;

    /// <summary>Many in one file, all with the same value: item-000, item-001, …</summary>
    public static string ConfigMaps(int count, string value) =>
        string.Concat(Enumerable.Range(0, count).Select(index => ConfigMap($"item-{index:000}", value)));

    /// <summary>A CustomResourceDefinition of the kind Widget, namespaced.</summary>
    /// <param name="spec">What the schema of the spec says beside its type.</param>
    public static string WidgetDefinition(string group, string spec = "properties: {size: {type: integer} }") => $$"""
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: widgets.{{group}}}
        spec:
          group: {{group}}
          scope: Namespaced
          names: {plural: widgets, singular: widget, kind: Widget, listKind: WidgetList}
          versions:
          - name: v1
            served: true
            storage: true
            schema:
              openAPIV3Schema:
                type: object
                properties:
                  spec: {type: object, {{spec}} }
        """;
}
