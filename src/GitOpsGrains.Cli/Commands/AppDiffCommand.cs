using System.CommandLine;
using GitOpsGrains.Cli.Connection;
using GitOpsGrains.Cli.Output;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Cli.Commands;

/// <summary><c>app diff NAME</c>: exit code 0 equal, 1 different, 4 when it can't be told.</summary>
internal static class AppDiffCommand
{
    public static Command Build(CliContext context)
    {
        var name = AppCommand.NewName();
        var cluster = new Option<string?>("--cluster") { Description = "Only this cluster." };
        var revision = new Option<string?>("--revision") { Description = "Compare with this commit. Default: the newest.", HelpName = "COMMIT" };
        var command = new Command("diff", "Show what a sync would change. Exit code: 0 equal, 1 different, 4 failed.") { name, cluster, revision };
        command.SetAction(async (parsed, cancellation) =>
        {
            var path = $"{Routes.Application(ApplicationName.Parse(parsed.GetValue(name)!))}/diff";
            try
            {
                using var client = context.Connect(parsed);
                var diff = await client.GetAsync<DiffView>(Routes.With(path, ("cluster", parsed.GetValue(cluster)), ("revision", parsed.GetValue(revision))), cancellation);
                Print(context.Terminal, diff);
                var failed = diff.Targets.Any(static target => target.Error is not null || target.Objects.Any(static item => item.Error is not null));
                return failed ? ExitCodes.DiffFailed : diff.Equal ? ExitCodes.Done : ExitCodes.Different;
            }
            catch (CliException failed) when (failed.ExitCode is ExitCodes.Failed or ExitCodes.TimedOut)
            {
                throw new CliException(failed.Message, ExitCodes.DiffFailed, failed.Hint, failed) { Details = failed.Details, Status = failed.Status };
            }
        });
        return command;
    }

    private static void Print(Terminal terminal, DiffView diff)
    {
        foreach (var target in diff.Targets)
        {
            if (target.Error is not null) terminal.Error($"cluster {target.Cluster}: {target.Error}");
            foreach (var item in target.Objects)
            {
                var where = item.Namespace.Length > 0 ? $"{item.Namespace}/{item.Name}" : item.Name;
                terminal.Line($"{Sign(item.Change)} {target.Cluster} {(item.Group.Length > 0 ? $"{item.Kind}.{item.Group}" : item.Kind)} {where} ({item.Change})");
                foreach (var field in item.Fields)
                {
                    terminal.Line($"    {field.Path}{(field.Manager is null ? "" : $"  (set by {field.Manager})")}");
                    if (field.From is not null) terminal.Line($"      - {field.From}");
                    if (field.To is not null) terminal.Line($"      + {field.To}");
                }

                if (item.Error is not null) terminal.Error($"{item.Id}: {item.Error}");
            }
        }
    }

    private static char Sign(string change) => change switch { "create" => '+', "delete" => '-', _ => '~' };
}
