using System.CommandLine;
using System.Globalization;
using GitOpsGrains.Cli.Connection;
using GitOpsGrains.Cli.Output;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Cli.Commands;

/// <summary><c>app events NAME</c>: what a cluster tells of the objects and of what they own, newest first.</summary>
internal static class AppEventsCommand
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 500;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static Command Build(CliContext context)
    {
        var name = AppCommand.NewName();
        var cluster = new Option<string?>("--cluster") { Description = "Of this cluster; needed where the application has targets on several." };
        var only = new Option<string?>("--object") { Description = "Only of this object and what it owns.", HelpName = "group/Kind:namespace/name or Kind/name" };
        var limit = new Option<int>("--limit") { Description = $"At most so many, {MaxLimit} at most.", DefaultValueFactory = static _ => DefaultLimit };
        var output = new Option<string>("--output", "-o") { Description = "table or json.", DefaultValueFactory = static _ => "table" };
        output.AcceptOnlyFromAmong("table", "json");
        var command = new Command("events", "Show the Kubernetes events of the objects and of what they own, newest first.") { name, cluster, only, limit, output };
        command.SetAction(async (parsed, cancellation) =>
        {
            var count = AppCommand.CountOf(parsed, limit, MaxLimit);
            var path = Routes.With(
                $"{Routes.Application(ApplicationName.Parse(parsed.GetValue(name)!))}/events",
                ("cluster", parsed.GetValue(cluster)), ("object", parsed.GetValue(only)), ("limit", count));
            using var client = context.Connect(parsed);
            var events = await client.GetAsync<EventsView>(path, Patience, cancellation);
            if (parsed.GetValue(output) == "json") context.Terminal.Json(events);
            else Print(context.Terminal, events);
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Print(Terminal terminal, EventsView events)
    {
        if (events.Items.Count == 0) terminal.Note($"no events on cluster {events.Cluster}");
        var table = new StatusTable("LAST", "TYPE", "REASON", "OBJECT", "COUNT", "MESSAGE");
        foreach (var item in events.Items)
            table.Add(StatusTable.Time(item.Last), item.Type, item.Reason, item.Object, item.Count.ToString(CultureInfo.InvariantCulture), item.Message);
        if (events.Items.Count > 0) terminal.Write(table);
        if (events.Continue is not null) terminal.Note($"note: {events.Total - events.Items.Count} older events are not shown; --limit shows up to {MaxLimit}");
        foreach (var note in events.Notes) terminal.Note($"note: {note}");
    }
}
