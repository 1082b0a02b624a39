namespace GitOpsGrains.Documents.Validation;

/// <summary>Sources: repository, ref, path and globs.</summary>
internal static class SourceRules
{
    public static void Check(Rules rules, string path, SourceSpec source)
    {
        rules.Key($"{path}.repository", source.Repository);
        CheckRef(rules, path, source);
        CheckPath(rules, $"{path}.path", source.Path);
        if (source.Kustomize is not null) rules.NotYet($"{path}.kustomize");
        if (source.Helm is not null) rules.NotYet($"{path}.helm");
        if (source.Directory is not { } directory) return;
        rules.PlainText($"{path}.directory.include", directory.Include, 1024);
        rules.PlainText($"{path}.directory.exclude", directory.Exclude, 1024);
    }

    /// <summary>Git's own rules for ref names; what looks like a range of versions must be one.</summary>
    private static void CheckRef(Rules rules, string path, SourceSpec source)
    {
        if (!rules.Required($"{path}.ref", source.Ref)) return;
        if (source.TagPrefix.Length > 0)
        {
            rules.PlainText($"{path}.tagPrefix", source.TagPrefix, RefSyntax.MaxLength);
            if (!RefSyntax.IsTagPrefix(source.TagPrefix)) rules.Fault($"{path}.tagPrefix", "not the beginning of a tag's name");
            if (!VersionRange.TryParse(source.Ref, out _)) rules.Fault($"{path}.ref", "with tagPrefix: not a range of versions, for example '>=1.2.0 <2.0.0'");
        }
        else if (RefSyntax.Fault(source.Ref) is { } fault)
        {
            rules.Fault($"{path}.ref", fault);
        }
    }

    private static void CheckPath(Rules rules, string path, string value)
    {
        rules.PlainText(path, value, 4096);
        if (value.StartsWith('/')) rules.Fault(path, "must be relative to the root of the repository");
        if (value.Contains('\\', StringComparison.Ordinal)) rules.Fault(path, "must use '/', not '\\'");
        if (value.Split('/').Contains("..")) rules.Fault(path, "must not hold '..'");
    }
}
