namespace GitOpsGrains.Cli;

/// <summary>The kinds that <c>get</c> and <c>delete</c> take, with their short names.</summary>
internal sealed record ResourceKind(string Plural, string Singular, IReadOnlyList<string> Aliases)
{
    public static ResourceKind Applications { get; } = new("applications", "application", ["app", "apps"]);

    public static ResourceKind RepositoryCredentials { get; } = new("repositorycredentials", "repositorycredential", ["repocreds"]);

    public static IReadOnlyList<ResourceKind> All { get; } =
    [
        new("repositories", "repository", ["repo", "repos"]),
        new("clusters", "cluster", []),
        new("projects", "project", ["proj"]),
        Applications,
        RepositoryCredentials,
    ];

    /// <summary>No documents: they are only looked at, all at once.</summary>
    public static ResourceKind Silos { get; } = new("silos", "silo", []);

    /// <summary>What can be shown.</summary>
    public static IReadOnlyList<ResourceKind> Shown { get; } = [.. All, Silos];

    /// <summary>Errors: <see cref="CliException"/> (usage).</summary>
    public static ResourceKind Parse(string text) => Parse(text, All);

    /// <inheritdoc cref="Parse(string)"/>
    public static ResourceKind Parse(string text, IReadOnlyList<ResourceKind> among) =>
        among.FirstOrDefault(kind => kind.Plural == text || kind.Singular == text || kind.Aliases.Contains(text))
        ?? throw CliException.Usage($"'{Output.Terminal.Plain(text)}' is not one of {string.Join(", ", among.Select(static kind => kind.Plural))}");

    public string Route(string name)
    {
        if (this == Applications) return Connection.Routes.Application(ApplicationName.Parse(name));
        return Documents.Validation.NameRules.IsKey(name) ? Connection.Routes.One(Plural, name) : throw CliException.Usage($"not a name of a {Singular}");
    }

    /// <summary>As people read it: applications with their project.</summary>
    public string Display(string name) => this == Applications ? ApplicationName.Parse(name).ToString() : name;
}
