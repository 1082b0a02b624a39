namespace GitOpsGrains.EndToEnd.Tests.DriftProof;

/// <summary>One object of every kind with a health rule, as Git has them.</summary>
internal static class HealthyKinds
{
    /// <summary>Of all objects that are in a namespace.</summary>
    public const string Name = "whole";

    public static IReadOnlyDictionary<string, string> Resources { get; } = new Dictionary<string, string>
    {
        ["CustomResourceDefinition"] = "customresourcedefinitions",
        ["DaemonSet"] = "daemonsets",
        ["Deployment"] = "deployments",
        ["Job"] = "jobs",
        ["Namespace"] = "namespaces",
        ["PersistentVolumeClaim"] = "persistentvolumeclaims",
        ["Pod"] = "pods",
        ["ReplicaSet"] = "replicasets",
        ["Service"] = "services",
        ["StatefulSet"] = "statefulsets",
    };

    public static bool IsOurs(string name, string space) => name == Name || name == NamespaceOf(space) || name == Definition;

    private const string Definition = "wholes.own.example.com";

    private static string NamespaceOf(string space) => $"{space}-more";

    public static string Manifest(string space) => string.Join("\n---\n",
        $$"""
        apiVersion: v1
        kind: Namespace
        metadata: {name: {{NamespaceOf(space)}}}
        """,
        $$"""
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: {{Definition}}}
        spec:
          group: own.example.com
          scope: Namespaced
          names: {plural: wholes, kind: Whole}
          versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object} } }]
        """,
        """
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: whole}
        spec: {storageClassName: "", accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
        """,
        """
        apiVersion: v1
        kind: Service
        metadata: {name: whole}
        spec: {type: LoadBalancer, selector: {app: deployment}, ports: [{port: 80, targetPort: 8080}]}
        """,
        $"""
        apiVersion: v1
        kind: Pod
        metadata: {Metadata("pod", named: true)}
        spec: {PodSpec()}
        """,
        $$"""
        apiVersion: batch/v1
        kind: Job
        metadata: {name: whole}
        spec: {template: {metadata: {{Metadata("job")}}, spec: {{PodSpec("restartPolicy: Never, ")}} } }
        """,
        $$"""
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {name: whole}
        spec: { {{Template("daemon", "tolerations: [{operator: Exists}], ")}} }
        """,
        $$"""
        apiVersion: apps/v1
        kind: ReplicaSet
        metadata: {name: whole}
        spec: {replicas: 1, {{Template("replica")}} }
        """,
        $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: whole}
        spec: {replicas: 2, {{Template("deployment")}} }
        """,
        $$"""
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: {name: whole}
        spec: {replicas: 2, serviceName: whole, {{Template("stateful")}} }
        """);

    private static string Template(string app, string more = "") =>
        $$"""selector: {matchLabels: {app: {{app}} } }, template: {metadata: {{Metadata(app)}}, spec: {{PodSpec(more)}} }""";

    private static string Metadata(string app, bool named = false) => $$"""{ {{(named ? "name: whole, " : "")}}labels: {app: {{app}} } }""";

    private static string PodSpec(string more = "") => $$"""{ {{more}}containers: [{name: main, image: "registry.example.com/main:1"}]}""";
}
