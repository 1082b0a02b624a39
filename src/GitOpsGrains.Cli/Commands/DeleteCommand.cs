using System.CommandLine;
using GitOpsGrains.Cli.Connection;

namespace GitOpsGrains.Cli.Commands;

/// <summary><c>delete KIND NAME</c>.</summary>
internal static class DeleteCommand
{
    public static Command Build(CliContext context)
    {
        var kind = new Argument<string>("KIND") { Description = "repository, cluster, project, application or repositorycredential." };
        var name = new Argument<string>("NAME") { Description = "Applications as NAME or PROJECT/NAME." };
        var cascade = new Option<string?>("--cascade") { Description = "What happens to live objects: keep (or orphan, which is the same), foreground or background. Default: the document's deletionPolicy." };
        var force = new Option<bool>("--force") { Description = "Of an application, with --cascade keep: let go without touching any cluster, for one that is gone." };
        kind.CompletionSources.Add(ResourceKind.All.Select(static known => known.Singular).ToArray());
        cascade.AcceptOnlyFromAmong("keep", "orphan", "foreground", "background");
        var waiting = new WaitOptions();
        var command = new Command("delete", "Delete a document.") { kind, name, cascade, force, waiting.Wait, waiting.Timeout };
        command.SetAction(async (parsed, cancellation) =>
        {
            var wanted = ResourceKind.Parse(parsed.GetValue(kind)!);
            var path = Routes.With(wanted.Route(parsed.GetValue(name)!), ("cascade", parsed.GetValue(cascade)), ("force", parsed.GetValue(force) ? "true" : null));
            var timeout = waiting.TimeoutOf(parsed);
            var subject = $"{wanted.Singular}/{wanted.Display(parsed.GetValue(name)!)}";
            using var client = context.Connect(parsed);
            var operation = await client.StartAsync(HttpMethod.Delete, path, null, cancellation);
            if (operation is not null && waiting.IsSet(parsed)) return await OperationWait.RunAsync(context, client, operation, $"{subject} delete", timeout, cancellation);
            context.Terminal.Line(operation is null ? $"{subject} deleted" : $"{subject} delete started: operation {operation}");
            return ExitCodes.Done;
        });
        return command;
    }
}
