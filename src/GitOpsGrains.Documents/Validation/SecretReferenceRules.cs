namespace GitOpsGrains.Documents.Validation;

/// <summary>A reference to a secret: exactly one of file, env and stored; the first two need the admin role.</summary>
internal static class SecretReferenceRules
{
    public static void Check(Rules rules, string path, SecretReference? reference)
    {
        if (reference is null) return;
        var given = new[] { reference.File, reference.Env, reference.Stored }.Count(static value => value is not null);
        if (given != 1) rules.Fault(path, "give exactly one of file, env and stored");
        if (reference.File is { } file) rules.File($"{path}.file", file);
        if (reference.Env is { } env) CheckEnvironment(rules, $"{path}.env", env);
        if (reference.Stored is { } stored) rules.Key($"{path}.stored", stored);
    }

    private static void CheckEnvironment(Rules rules, string path, string name)
    {
        if (!rules.Policy.IsAdmin) rules.Fault(path, "environment variables of the server need the admin role");
        var prefix = rules.Policy.EnvironmentPrefix;
        if (!name.StartsWith(prefix, StringComparison.Ordinal) || name.Length == prefix.Length || !name.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter == '_'))
            rules.Fault(path, $"must be the name of a variable that begins with {prefix}");
    }
}
