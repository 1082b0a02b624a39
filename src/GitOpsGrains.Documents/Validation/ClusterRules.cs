namespace GitOpsGrains.Documents.Validation;

internal static class ClusterRules
{
    public static void Check(Rules rules, ClusterSpec spec)
    {
        var ways = (spec.Kubeconfig is null ? 0 : 1) + (spec.KubeconfigFrom is null ? 0 : 1) + (spec.InCluster ? 1 : 0);
        if (ways != 1) rules.Fault("spec", "give exactly one of kubeconfig, kubeconfigFrom and inCluster: true");
        if (spec.Kubeconfig is { } kubeconfig)
        {
            rules.File("spec.kubeconfig.file", kubeconfig.File);
            if (kubeconfig.Context is { } context && rules.Required("spec.kubeconfig.context", context)) rules.PlainText("spec.kubeconfig.context", context, 512);
        }

        SecretReferenceRules.Check(rules, "spec.kubeconfigFrom", spec.KubeconfigFrom);
        if (spec.InCluster && !rules.Policy.IsAdmin) rules.Fault("spec.inCluster", "needs the admin role");
        for (var i = 0; i < spec.Namespaces.Count; i++) rules.Namespace($"spec.namespaces[{i}]", spec.Namespaces[i]);
        rules.Distinct("spec.namespaces", spec.Namespaces);
    }
}
