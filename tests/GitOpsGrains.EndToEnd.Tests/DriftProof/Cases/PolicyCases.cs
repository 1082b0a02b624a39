namespace GitOpsGrains.EndToEnd.Tests.DriftProof.Cases;

/// <summary>Scaling, routing and rights: kinds that are watched by metadata, with and without generation.</summary>
internal static class PolicyCases
{
    private const string Hpa = """
        {"apiVersion":"autoscaling/v1","kind":"HorizontalPodAutoscaler","metadata":{"name":"x"},
         "spec":{"minReplicas":1,"maxReplicas":5,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"d"},"targetCPUUtilizationPercentage":50}}
        """;

    private const string Hpa2 = """
        {"apiVersion":"autoscaling/$HPA2","kind":"HorizontalPodAutoscaler","metadata":{"name":"x"},
         "spec":{"minReplicas":1,"maxReplicas":5,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"d"},
          "behavior":{"scaleDown":{"stabilizationWindowSeconds":60}},
          "metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":50}}}]}}
        """;

    private const string Ingress = """
        {"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":"x"},"spec":{"rules":[{"host":"a.example.com","http":{"paths":[
         {"path":"/","pathType":"Prefix","backend":{"service":{"name":"web","port":{"number":80}}}}]}}]}}
        """;

    private const string RoleBinding = """
        {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding","metadata":{"name":"x"},
         "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"r"},"subjects":[{"kind":"User","apiGroup":"rbac.authorization.k8s.io","name":"ann"}]}
        """;

    private const string DenyAll = """{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"x"},"spec":{"podSelector":{},"policyTypes":["Ingress"]$INGRESS}}""";
    private const string Rule = """[{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}]""";
    private const string Aggregated = """
        {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"$NAME"},
         "aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"to":"$NAME"}}]}$RULES}
        """;

    private static string Role(string rules) => $$"""{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","metadata":{"name":"x"}{{rules}}}""";

    private static DriftCase Case(string kind, string what, string manifest, string patch, Verdict expected) => new(kind, what, manifest, item => item.MergeAsync(patch), expected);

    public static IEnumerable<DriftCase> All =>
    [
        new("HPA", "applied as v1, metric target changed through v2", Hpa,
            item => item.Rogue.PatchAsync(item.PathOf(item.Fill("autoscaling/$HPA2")), """[{"op":"replace","path":"/spec/metrics/0/resource/target/averageUtilization","value":90}]""", "application/json-patch+json"), Verdict.Drift),
        new("HPA", "applied as v2, target changed through v1", Hpa2,
            item => item.Rogue.PatchAsync(item.PathOf("autoscaling/v1"), """{"spec":{"targetCPUUtilizationPercentage":90}}"""), Verdict.Drift),
        Case("HPA", "applied as v2, behavior changed through v2", Hpa2, """{"spec":{"behavior":{"scaleDown":{"stabilizationWindowSeconds":5}}}}""", Verdict.Drift),
        new("HPA", "applied as v2, maxReplicas and a metric added through v2", Hpa2, item => item.JsonPatchAsync("""
            [{"op":"replace","path":"/spec/maxReplicas","value":50},
             {"op":"add","path":"/spec/metrics/-","value":{"type":"Resource","resource":{"name":"memory","target":{"type":"Utilization","averageUtilization":50}}}}]
            """), Verdict.Drift),
        new("HPA", "status written by the controller", Hpa, item => item.MergeInAsync("status", """{"status":{"currentReplicas":1,"desiredReplicas":2}}"""), Verdict.Quiet),
        new("Ingress", "applied as v1, backend changed through v1beta1", Ingress,
            item => item.Rogue.PatchAsync(item.PathOf("networking.k8s.io/v1beta1"), """[{"op":"replace","path":"/spec/rules/0/http/paths/0/backend/serviceName","value":"evil"}]""", "application/json-patch+json"),
            Verdict.Drift) { LastMinor = 21 },
        new("Ingress", "rule (atomic list) appended", Ingress, item => item.JsonPatchAsync("""[{"op":"add","path":"/spec/rules/-","value":{"host":"b.example.com"}}]"""), Verdict.Drift),
        new("Ingress", "foreign label and annotation added", Ingress, item => item.MergeAsync(ForeignMetadata.LabelAndAnnotation), Verdict.Quiet),
        new("RoleBinding", "subject appended", RoleBinding,
            item => item.JsonPatchAsync("""[{"op":"add","path":"/subjects/-","value":{"kind":"User","apiGroup":"rbac.authorization.k8s.io","name":"eve"}}]"""), Verdict.Drift),
        Case("Role", "rules: [] in Git, other adds a rule", Role(",\"rules\":[]"), $$"""{"rules":{{Rule}}}""", Verdict.Drift),
        Case("Role", "no rules in Git, other adds a rule", Role(""), $$"""{"rules":{{Rule}}}""", Verdict.Alarm),
        Case("ClusterRole", "aggregationRule and rules: [] in Git; the controller fills rules",
            Aggregated.Replace("$RULES", ",\"rules\":[]", StringComparison.Ordinal), $$"""{"rules":{{Rule}}}""", Verdict.Alarm),
        Case("ClusterRole", "aggregationRule, rules not in Git; the controller fills rules", Aggregated.Replace("$RULES", "", StringComparison.Ordinal), $$"""{"rules":{{Rule}}}""", Verdict.Alarm),
        Case("NetworkPolicy", "deny-all (no ingress in Git), other adds ingress [{}] = allow all", DenyAll.Replace("$INGRESS", "", StringComparison.Ordinal), """{"spec":{"ingress":[{}]}}""", Verdict.Alarm),
        Case("NetworkPolicy", "deny-all with ingress: [] in Git, other adds ingress [{}]",
            DenyAll.Replace("$INGRESS", ",\"ingress\":[]", StringComparison.Ordinal), """{"spec":{"ingress":[{}]}}""", Verdict.Drift),
        Case("NetworkPolicy", "podSelector: {} in Git, other narrows it", DenyAll.Replace("$INGRESS", "", StringComparison.Ordinal), """{"spec":{"podSelector":{"matchLabels":{"a":"b"}}}}""", Verdict.Drift),
        Case("NetworkPolicy", "foreign label and annotation added", DenyAll.Replace("$INGRESS", "", StringComparison.Ordinal), ForeignMetadata.LabelAndAnnotation, Verdict.Quiet),
        Case("ServiceAccount", "automountServiceAccountToken false -> true",
            """{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"x"},"automountServiceAccountToken":false}""", """{"automountServiceAccountToken":true}""", Verdict.Drift),
        Case("ServiceAccount", "token controller adds secrets, other adds imagePullSecrets",
            """{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"x"}}""", """{"secrets":[{"name":"t"}],"imagePullSecrets":[{"name":"p"}]}""", Verdict.Alarm),
        new("WebhookConfig", "caBundle placeholder in Git replaced by an injector", """
            {"apiVersion":"admissionregistration.k8s.io/v1","kind":"ValidatingWebhookConfiguration","metadata":{"name":"$NAME"},"webhooks":[
             {"name":"a.example.com","admissionReviewVersions":["v1"],"sideEffects":"None","namespaceSelector":{"matchLabels":{"none":"none"}},
              "clientConfig":{"url":"https://127.0.0.1:1/","caBundle":"Cg=="}}]}
            """, item => item.JsonPatchAsync("""[{"op":"replace","path":"/webhooks/0/clientConfig/caBundle","value":"CgoK"}]""", "injector"), Verdict.Drift),
    ];
}
