using System.CommandLine;
using GitOpsGrains.Cli.Connection;
using GitOpsGrains.Cli.Output;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Cli.Commands;

/// <summary><c>app diff NAME</c>: exit code 0 equal, 1 different, 4 when it can't be told.</summary>
internal static class AppDiffCommand
{
    /// <summary>As long as the server waits for the clusters.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public static Command Build(CliContext context)
    {
        var name = AppCommand.NewName();
        var cluster = new Option<string?>("--cluster") { Description = "Only this cluster." };
        var revision = new Option<string?>("--revision") { Description = "Compare with this commit, branch or tag, which need not be merged; SOURCE:REV where there are several sources. Default: the newest.", HelpName = "REV" };
        var output = new Option<string>("--output", "-o") { Description = "text (unified YAML, as kubectl diff) or json.", DefaultValueFactory = static _ => "text" };
        output.AcceptOnlyFromAmong("text", "json");
        var command = new Command("diff", "Show what a sync would change; nothing is written. Exit code: 0 equal, 1 different, 4 failed.") { name, cluster, revision, output };
        command.SetAction(async (parsed, cancellation) =>
        {
            var path = $"{Routes.Application(ApplicationName.Parse(parsed.GetValue(name)!))}/diff";
            try
            {
                using var client = context.Connect(parsed);
                var route = Routes.With(path, ("cluster", parsed.GetValue(cluster)), ("revision", parsed.GetValue(revision)));
                var diff = await client.GetAsync<DiffView>(route, Patience, cancellation);
                if (parsed.GetValue(output) == "json") context.Terminal.Json(diff);
                else Print(context.Terminal, diff);
                return HasFailed(diff) ? ExitCodes.DiffFailed : diff.Equal ? ExitCodes.Done : ExitCodes.Different;
            }
            catch (CliException failed) when (IsFailure(failed))
            {
                throw AsDiffFailed(failed);
            }
        });
        return command;
    }

    public static bool IsFailure(CliException failed) => failed.ExitCode is ExitCodes.Failed or ExitCodes.TimedOut;

    public static CliException AsDiffFailed(CliException failed) =>
        new(failed.Message, ExitCodes.DiffFailed, failed.Hint, failed) { Details = failed.Details, Status = failed.Status };

    /// <summary>Whether a part of it could not be told.</summary>
    public static bool HasFailed(DiffView diff) =>
        diff.Targets.Any(static target => target.Error is not null || target.Objects.Any(static item => item.Error is not null));

    public static void Print(Terminal terminal, DiffView diff)
    {
        foreach (var target in diff.Targets)
        {
            if (target.Error is not null) terminal.Error($"cluster {target.Cluster}: {target.Error}");
            foreach (var item in target.Objects)
            {
                var where = item.Namespace.Length > 0 ? $"{item.Namespace}/{item.Name}" : item.Name;
                var note = item.Note is null ? "" : $"; {item.Note}";
                terminal.Line($"{Sign(item.Change)} {target.Cluster} {(item.Group.Length > 0 ? $"{item.Kind}.{item.Group}" : item.Kind)} {where} ({item.Change}{note})");
                if (item.Diff is { Length: > 0 } diffText) PrintUnified(terminal, diffText);
                else PrintFields(terminal, item);
                if (item.DiffIsCut == true) terminal.Line("  … more than can be shown");
                if (item.Error is not null) terminal.Error($"{item.Id}: {item.Error}");
            }
        }
    }

    /// <summary>Line by line, since what stands in them is the server's and may hold control characters.</summary>
    private static void PrintUnified(Terminal terminal, string text)
    {
        foreach (var line in text.TrimEnd('\n').Split('\n')) terminal.Line(line);
    }

    /// <summary>What a server without unified texts answers.</summary>
    private static void PrintFields(Terminal terminal, ObjectDiffView item)
    {
        foreach (var field in item.Fields)
        {
            terminal.Line($"    {field.Path}{(field.Manager is null ? "" : $"  (set by {field.Manager})")}");
            if (field.From is not null) terminal.Line($"      - {field.From}");
            if (field.To is not null) terminal.Line($"      + {field.To}");
        }
    }

    private static char Sign(string change) => change switch { "create" => '+', "delete" => '-', _ => '~' };
}
