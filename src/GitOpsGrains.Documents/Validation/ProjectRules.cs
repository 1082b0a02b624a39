namespace GitOpsGrains.Documents.Validation;

internal static class ProjectRules
{
    public static void Check(Rules rules, ProjectSpec spec)
    {
        if (spec.Description is { } description) rules.PlainText("spec.description", description, 1024);
        CheckPatterns(rules, "spec.repositories", spec.Repositories);
        CheckPatterns(rules, "spec.clusters", spec.Clusters);
        CheckPatterns(rules, "spec.namespaces", spec.Namespaces);
        CheckPatterns(rules, "spec.kinds", spec.Kinds);
        if (spec.Roles.Count > 0) rules.NotYet("spec.roles");
    }

    private static void CheckPatterns(Rules rules, string path, IReadOnlyList<string> patterns)
    {
        for (var i = 0; i < patterns.Count; i++)
        {
            var item = $"{path}[{i}]";
            if (!rules.Required(item, patterns[i])) continue;
            rules.PlainText(item, patterns[i], 253);
            if (patterns[i].StartsWith('!')) rules.Fault(item, "patterns can't be negated");
        }
    }
}
