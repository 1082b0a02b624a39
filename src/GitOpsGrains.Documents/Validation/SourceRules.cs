namespace GitOpsGrains.Documents.Validation;

/// <summary>Sources: repository, ref, path and globs.</summary>
internal static class SourceRules
{
    private const int MaxName = 63;

    /// <param name="names">Of all sources of the application.</param>
    public static void Check(Rules rules, string path, SourceSpec source, IReadOnlySet<string> names)
    {
        rules.Key($"{path}.repository", source.Repository);
        if (source.Name.Length > MaxName || !source.Name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'))
            rules.Fault($"{path}.name", $"not a source's name: letters, digits, '-' and '_', at most {MaxName} characters");
        if (!source.IsRendered && (source.Directory, source.Kustomize, source.Helm, source.Substitute) is not (null, null, null, null))
            rules.Fault($"{path}.path", "required: with a name and no path a source is only read by others, and nothing of it is rendered ('.' is the root)");
        CheckRef(rules, path, source);
        CheckPath(rules, $"{path}.path", source.Path);
        if (new object?[] { source.Directory, source.Kustomize, source.Helm }.Count(static renderer => renderer is not null) > 1)
            rules.Fault(path, "give one of directory, kustomize and helm");
        if (source.Kustomize is not null) KustomizeRules.Check(rules, $"{path}.kustomize", source.Kustomize);
        if (source.Helm is not null) HelmRules.Check(rules, $"{path}.helm", source.Helm, names);
        if (source.Substitute is not null) CheckVariables(rules, $"{path}.substitute.variables", source.Substitute.Variables);
        if (source.Directory is not { } directory) return;
        rules.PlainText($"{path}.directory.include", directory.Include, 1024);
        rules.PlainText($"{path}.directory.exclude", directory.Exclude, 1024);
    }

    private static void CheckVariables(Rules rules, string path, IReadOnlyDictionary<string, string> variables)
    {
        foreach (var (name, value) in variables)
        {
            if (!VariableName.Is(name)) rules.Fault($"{path}.{name}", "not a variable's name: letters, digits and '_', not beginning with a digit");
            if (value.Length > 65536) rules.Fault($"{path}.{name}", "longer than 65536 characters");
        }
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
