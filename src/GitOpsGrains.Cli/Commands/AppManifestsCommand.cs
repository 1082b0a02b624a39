using System.CommandLine;
using GitOpsGrains.Cli.Connection;
using GitOpsGrains.Cli.Output;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Cli.Commands;

/// <summary><c>app manifests NAME</c>: the rendered objects in apply order, as YAML, JSON or names.</summary>
internal static class AppManifestsCommand
{
    private const string PageSize = "500";

    /// <summary>As long as the server may take to render them again.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public static Command Build(CliContext context)
    {
        var name = AppCommand.NewName();
        var cluster = new Option<string?>("--cluster") { Description = "As this cluster is to have them; needed where clusters have different manifests." };
        var revision = new Option<string?>("--revision") { Description = "Of this commit of the history. Default: what is wanted now.", HelpName = "COMMIT" };
        var output = new Option<string>("--output", "-o") { Description = "yaml, json or name.", DefaultValueFactory = static _ => "yaml" };
        output.AcceptOnlyFromAmong("yaml", "json", "name");
        var command = new Command("manifests", "Show the rendered manifests in the order in which they are applied; values of Secrets are masked.") { name, cluster, revision, output };
        command.SetAction(async (parsed, cancellation) =>
        {
            var path = Routes.With(
                $"{Routes.Application(ApplicationName.Parse(parsed.GetValue(name)!))}/manifests", ("cluster", parsed.GetValue(cluster)), ("revision", parsed.GetValue(revision)));
            using var client = context.Connect(parsed);
            if (parsed.GetValue(output) == "yaml") await client.CopyAsync(path, "application/yaml", context.Terminal.Raw, Patience, cancellation);
            else Print(context.Terminal, await ReadPagesAsync(client, path, cancellation), parsed.GetValue(output)!);
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Print(Terminal terminal, ManifestsView all, string format)
    {
        if (format == "json") terminal.Json(all);
        else foreach (var item in all.Items) terminal.Line(item.Object);
        if (format == "name" && all.Note is { } note) terminal.Note($"note: {note}");
    }

    private static async Task<ManifestsView> ReadPagesAsync(FleetClient client, string path, CancellationToken cancellationToken)
    {
        var pages = await client.GetPagesAsync<ManifestsView>(Routes.And(path, ("limit", PageSize)), static page => page.Continue, "manifests", Patience, cancellationToken);
        return pages[0] with { Items = [.. pages.SelectMany(static page => page.Items)], Continue = null };
    }
}
