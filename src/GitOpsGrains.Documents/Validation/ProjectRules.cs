namespace GitOpsGrains.Documents.Validation;

internal static class ProjectRules
{
    public static void Check(Rules rules, ProjectSpec spec)
    {
        if (spec.Description is { } description) rules.PlainText("spec.description", description, 1024);
        rules.Patterns("spec.repositories", spec.Repositories);
        rules.Patterns("spec.clusters", spec.Clusters);
        rules.Patterns("spec.namespaces", spec.Namespaces);
        rules.Patterns("spec.kinds", spec.Kinds);
        SyncWindowRules.Check(rules, "spec.syncWindows", spec.SyncWindows);
        if (spec.Roles.Count > 0) rules.NotYet("spec.roles");
    }
}
