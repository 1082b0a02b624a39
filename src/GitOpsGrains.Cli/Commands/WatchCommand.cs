using System.CommandLine;
using System.Text.Json;
using GitOpsGrains.Cli.Connection;
using GitOpsGrains.Cli.Output;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Documents.Validation;

namespace GitOpsGrains.Cli.Commands;

/// <summary><c>watch</c>: one line for each change, until it is interrupted; goes on where a broken connection ended.</summary>
internal static class WatchCommand
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private const int Gone = 410;

    public static Command Build(CliContext context)
    {
        var project = new Option<string?>("--project", "-p") { Description = "Only this project: its applications and their targets." };
        var application = new Option<string?>("--application") { Description = "Only this application: NAME (of --project, or default) or PROJECT/NAME." };
        var output = new Option<string>("--output", "-o") { Description = "text or json (one object a line).", DefaultValueFactory = static _ => "text" };
        output.AcceptOnlyFromAmong("text", "json");
        var command = new Command("watch", "Show changes as they happen.") { project, application, output };
        command.SetAction(async (parsed, cancellation) =>
        {
            var filter = FilterOf(parsed.GetValue(project), parsed.GetValue(application));
            using var client = context.Connect(parsed);
            try
            {
                await FollowAsync(context, client, filter, parsed.GetValue(output) == "json", cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                // Interrupting is how a watch ends.
            }

            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>Errors: <see cref="CliException"/> (usage) for what can't be a name, and an application of another project.</summary>
    private static ChangeFilter FilterOf(string? project, string? application)
    {
        if (project is not null && !NameRules.IsKey(project)) throw CliException.Usage("not a name of a project");
        if (application is null) return new ChangeFilter(project, null);
        var name = ApplicationName.Parse(project is null || application.Contains('/', StringComparison.Ordinal) ? application : $"{project}/{application}");
        return project is null || project == name.Project ? ChangeFilter.Of(name) : throw CliException.Usage($"application {name} is not in project {project}");
    }

    private static async Task FollowAsync(CliContext context, FleetClient client, ChangeFilter filter, bool json, CancellationToken cancellationToken)
    {
        var (last, connected) = ((string?)null, false);
        while (true)
        {
            try
            {
                using var response = await client.OpenStreamAsync(Routes.Watch, last, cancellationToken)
                    ?? throw new CliException("this server has no watch");
                connected = true;
                using var stream = new EventStream(response, client.Time);
                try
                {
                    await foreach (var change in stream.ReadAsync(cancellationToken))
                        if (filter.Takes(change)) Print(context.Terminal, change, json);
                }
                finally
                {
                    // However it ended, and if nothing but bookmarks came: changes of the pause come after them.
                    last = stream.LastEventId ?? last;
                }
            }
            catch (CliException tooOld) when (tooOld.Status == Gone && last is not null)
            {
                context.Terminal.Note("note: some changes were missed; going on with new ones");
                last = null;
            }
            catch (CliException lost) when (connected && PatientQuestions.IsLoss(lost))
            {
                context.Terminal.Note($"note: {lost.Message}; trying again");
            }

            await Task.Delay(Pause, client.Time, cancellationToken);
        }
    }

    private static void Print(Terminal terminal, WatchEventView change, bool json)
    {
        if (json)
        {
            terminal.Raw(JsonSerializer.Serialize(change, DocumentJson.Rest) + "\n");
            return;
        }

        var name = change.Project.Length > 0 ? $"{change.Project}/{change.Name}" : change.Name;
        var parts = new[]
        {
            StatusTable.Time(change.Time), $"{change.Kind.ToLowerInvariant()}/{name}", change.Cluster, change.Deleted ? "deleted" : null,
            change.Sync, change.Health, change.Revision is null ? null : StatusTable.Commit(change.Revision), change.Message,
        };
        terminal.Line(string.Join("  ", parts.Where(static part => !string.IsNullOrEmpty(part))));
    }
}
