using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Cli.Connection;

/// <summary>Which changes are asked for. The server sends those of the whole fleet.</summary>
/// <param name="Project">Null for all, and for what is in none.</param>
/// <param name="Application">Of the project: its own changes and those of its targets. Null for all.</param>
internal sealed record ChangeFilter(string? Project, string? Application)
{
    public static ChangeFilter Of(ApplicationName name) => new(name.Project, name.Name);

    public bool Takes(WatchEventView change) =>
        (Project is null || change.Project == Project)
        && (Application is null || (change.Kind is "Application" or "Target" && change.Name == Application));
}
