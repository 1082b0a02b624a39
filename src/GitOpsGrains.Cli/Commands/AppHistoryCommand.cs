using System.CommandLine;
using System.Globalization;
using GitOpsGrains.Cli.Connection;
using GitOpsGrains.Cli.Output;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Cli.Commands;

/// <summary><c>app history NAME</c>: the syncs of the past, newest first as the server gives them.</summary>
internal static class AppHistoryCommand
{
    public static Command Build(CliContext context)
    {
        var name = AppCommand.NewName();
        var command = new Command("history", "List past syncs with commit, author and outcome.") { name };
        command.SetAction(async (parsed, cancellation) =>
        {
            var application = ApplicationName.Parse(parsed.GetValue(name)!);
            using var client = context.Connect(parsed);
            var history = await client.GetAsync<ListView<HistoryView>>($"{Routes.Application(application)}/history", cancellation);
            if (history.Items.Count == 0) context.Terminal.Note($"application/{application} was never synced");
            else Print(context.Terminal, history.Items);
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Print(Terminal terminal, IReadOnlyList<HistoryView> entries)
    {
        var table = new StatusTable("STARTED", "CLUSTER", "REVISION", "RESULT", "TRIGGER", "CHANGED", "AUTHOR", "MESSAGE");
        foreach (var entry in entries)
            table.Add(
                StatusTable.Time(entry.Started), entry.Cluster, StatusTable.Commit(entry.Revision), entry.Result, entry.Trigger,
                entry.Objects.Count.ToString(CultureInfo.InvariantCulture), entry.Author, StatusTable.Short(entry.Error ?? (entry.PullRequest is null ? entry.Message : $"{entry.PullRequest} {entry.Message}"), 80));
        terminal.Write(table);
    }
}
