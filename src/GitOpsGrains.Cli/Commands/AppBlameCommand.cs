using System.CommandLine;
using GitOpsGrains.Cli.Connection;
using GitOpsGrains.Cli.Output;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Cli.Commands;

/// <summary><c>app blame NAME</c>: for each object the file it comes from, and the commit that touched it last.</summary>
internal static class AppBlameCommand
{
    public static Command Build(CliContext context)
    {
        var name = AppCommand.NewName();
        var only = new Option<string?>("--object") { Description = "Only this object.", HelpName = "group/Kind:namespace/name or Kind/name" };
        var cluster = new Option<string?>("--cluster") { Description = "As this cluster has them; default: where clusters have different manifests, the first." };
        var command = new Command("blame", "Show which commit, author and pull request brought each object.") { name, only, cluster };
        command.SetAction(async (parsed, cancellation) =>
        {
            var path = $"{Routes.Application(ApplicationName.Parse(parsed.GetValue(name)!))}/blame";
            using var client = context.Connect(parsed);
            var table = new StatusTable("OBJECT", "FILE", "COMMIT", "WHEN", "AUTHOR", "REQUEST", "MESSAGE");
            ListView<BlameView> page;
            string? next = null;
            do
            {
                page = await client.GetAsync<ListView<BlameView>>(Routes.With(path, ("object", parsed.GetValue(only)), ("cluster", parsed.GetValue(cluster)), ("continue", next), ("limit", "500")), cancellation);
                foreach (var item in page.Items) Add(table, item);
                next = page.Continue;
            }
            while (next is not null);
            context.Terminal.Write(table);
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Add(StatusTable table, BlameView item)
    {
        var file = item.Document is > 0 ? $"{item.File}#{item.Document}" : item.File;
        if (item.Commit is not { } commit) table.Add(item.Object, file, "", "", "", "", "further back than is looked");
        else table.Add(item.Object, file, StatusTable.Commit(commit.Id), StatusTable.Time(commit.Time), commit.Author, commit.PullRequest ?? "", StatusTable.Short(commit.Message.Split('\n', 2)[0], 60));
    }
}
