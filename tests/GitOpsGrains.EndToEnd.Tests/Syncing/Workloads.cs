namespace GitOpsGrains.EndToEnd.Tests.Syncing;

/// <summary>Manifests with what a sync orders by.</summary>
internal static class Workloads
{
    public static string ConfigMap(string name, string value, string annotations = "") => $$"""
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: {{name}}, annotations: { {{annotations}} } }
        data: {key: '{{value}}'}
        ---

        """;

    /// <param name="labels">Of the pods: <c>run: NAME</c> to hold them, <c>ends: badly</c> to have them fail.</param>
    public static string Job(string name, string annotations, string labels = "a: b") => $$"""
        apiVersion: batch/v1
        kind: Job
        metadata: { {{(name.EndsWith('-') ? "generateName" : "name")}}: {{name}}, annotations: { {{annotations}} } }
        spec:
          backoffLimit: 0
          template:
            metadata: {labels: { {{labels}} } }
            spec: {restartPolicy: Never, containers: [{name: main, image: main}]}
        ---

        """;

    public static string Deployment(string name, string annotations = "", string labels = "a: b", string image = "main", string more = "") => $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: {{name}}, annotations: { {{annotations}} } }
        spec:
          replicas: 1{{more}}
          selector: {matchLabels: {app: {{name}} } }
          template:
            metadata: {labels: {app: {{name}}, {{labels}} } }
            spec: {containers: [{name: main, image: {{image}} }]}
        ---

        """;

    public static string Wave(int wave) => $"argocd.argoproj.io/sync-wave: \"{wave}\"";

    public static string Hook(string phases, string deletion = "") =>
        $"argocd.argoproj.io/hook: \"{phases}\"{(deletion.Length > 0 ? $", argocd.argoproj.io/hook-delete-policy: \"{deletion}\"" : "")}";
}
