namespace GitOpsGrains.Documents.Validation;

/// <summary>Sources: repository, ref, path and globs.</summary>
internal static class SourceRules
{
    public static void Check(Rules rules, string path, SourceSpec source)
    {
        rules.Key($"{path}.repository", source.Repository);
        CheckRef(rules, $"{path}.ref", source.Ref);
        CheckPath(rules, $"{path}.path", source.Path);
        if (source.Kustomize is not null) rules.NotYet($"{path}.kustomize");
        if (source.Helm is not null) rules.NotYet($"{path}.helm");
        if (source.Directory is not { } directory) return;
        rules.PlainText($"{path}.directory.include", directory.Include, 1024);
        rules.PlainText($"{path}.directory.exclude", directory.Exclude, 1024);
    }

    /// <summary>Git's own rules for ref names; what a range of versions looks like can't be a ref.</summary>
    private static void CheckRef(Rules rules, string path, string value)
    {
        if (!rules.Required(path, value)) return;
        rules.PlainText(path, value, RefSyntax.MaxLength);
        if (RefSyntax.IsRange(value)) rules.NotYet(path, "a range of versions");
        else if (!RefSyntax.IsRef(value)) rules.Fault(path, RefSyntax.NoRef);
    }

    private static void CheckPath(Rules rules, string path, string value)
    {
        rules.PlainText(path, value, 4096);
        if (value.StartsWith('/')) rules.Fault(path, "must be relative to the root of the repository");
        if (value.Contains('\\', StringComparison.Ordinal)) rules.Fault(path, "must use '/', not '\\'");
        if (value.Split('/').Contains("..")) rules.Fault(path, "must not hold '..'");
    }
}
