using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Validation;

namespace GitOpsGrains.Cli;

/// <summary>An application as people type it: <c>name</c> or <c>project/name</c>.</summary>
internal readonly record struct ApplicationName(string Project, string Name)
{
    public override string ToString() => $"{Project}/{Name}";

    /// <summary>Errors: <see cref="CliException"/> (usage) for what can't be a name.</summary>
    public static ApplicationName Parse(string text)
    {
        var parts = text.Split('/');
        var name = parts.Length == 1 ? new ApplicationName(ProjectDocument.Default, parts[0]) : new ApplicationName(parts[0], parts[^1]);
        return parts.Length <= 2 && NameRules.IsKey(name.Project) && NameRules.IsKey(name.Name)
            ? name
            : throw CliException.Usage("an application is named NAME or PROJECT/NAME, in lower-case letters, digits, '-' and '.'");
    }
}
