using System.CommandLine;
using System.Text.Json.Nodes;
using GitOpsGrains.Cli.Connection;
using GitOpsGrains.Cli.Output;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Cli.Commands;

/// <summary><c>get KIND [NAME]</c> in the output formats of kubectl.</summary>
internal static class GetCommand
{
    private const string PageSize = "500";

    public static Command Build(CliContext context)
    {
        var kind = new Argument<string>("KIND") { Description = "repositories, clusters, projects, applications, repositorycredentials or silos." };
        var name = new Argument<string?>("NAME") { Description = "Of one; applications as NAME or PROJECT/NAME.", Arity = ArgumentArity.ZeroOrOne };
        var output = new Option<string>("--output", "-o") { Description = "table, wide, json, yaml or name.", DefaultValueFactory = static _ => "table" };
        var selector = new Option<string?>("--selector", "-l") { Description = "Only those with these labels: key=value,…", HelpName = "SELECTOR" };
        var project = new Option<string?>("--project", "-p") { Description = "Only applications of this project." };
        kind.CompletionSources.Add(ResourceKind.Shown.Select(static known => known.Plural).ToArray());
        output.AcceptOnlyFromAmong("table", "wide", "json", "yaml", "name");
        var command = new Command("get", "Show documents and how they do.") { kind, name, output, selector, project };
        command.SetAction(async (parsed, cancellation) =>
        {
            var wanted = ResourceKind.Parse(parsed.GetValue(kind)!, ResourceKind.Shown);
            var format = parsed.GetValue(output)!;
            if (wanted == ResourceKind.Silos && (parsed.GetValue(name) ?? parsed.GetValue(selector) ?? parsed.GetValue(project)) is not null) throw CliException.Usage("silos are shown all at once");
            var one = parsed.GetValue(name) is { } given ? wanted.Route(given) : null;
            if (one is not null && (parsed.GetValue(selector) ?? parsed.GetValue(project)) is not null) throw CliException.Usage("give a NAME or a filter, not both");
            using var client = context.Connect(parsed);
            var page = one is not null
                ? new ListView<JsonObject> { Items = [await client.GetAsync<JsonObject>(one, cancellation)] }
                : await ReadPagesAsync(client, Routes.With(Routes.List(wanted.Plural), ("selector", parsed.GetValue(selector)), ("project", parsed.GetValue(project)), ("limit", PageSize)), cancellation);
            ViewWriter.Write(context.Terminal, wanted, page.Items, format, isList: one is null);
            if (page.Partial) context.Terminal.Note("note: parts of the fleet have not answered yet; the list may lack items");
            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task<ListView<JsonObject>> ReadPagesAsync(FleetClient client, string path, CancellationToken cancellationToken)
    {
        var pages = await client.GetPagesAsync<ListView<JsonObject>>(path, static page => page.Continue, "list", FleetClient.RequestTimeout, cancellationToken);
        return new ListView<JsonObject> { Items = [.. pages.SelectMany(static page => page.Items)], Partial = pages.Any(static page => page.Partial) };
    }
}
