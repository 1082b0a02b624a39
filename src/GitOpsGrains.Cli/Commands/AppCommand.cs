using System.CommandLine;
using GitOpsGrains.Cli.Connection;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Cli.Commands;

/// <summary><c>app VERB NAME</c>: what is done with one application.</summary>
internal static class AppCommand
{
    public static Command Build(CliContext context) => new("app", "One application: sync, look, wait.")
    {
        BuildSync(context),
        BuildAction(context, "refresh", "refreshed", "Ask Git and the clusters now."),
        AppDiffCommand.Build(context),
        AppWaitCommand.Build(context),
        AppHistoryCommand.Build(context),
        AppTreeCommand.Build(context),
        AppActionCommand.BuildList(context),
        AppActionCommand.BuildRun(context),
        BuildAction(context, "suspend", "suspended", "Write nothing to the clusters until it is resumed."),
        BuildAction(context, "resume", "resumed", "End a suspend."),
        BuildAction(context, "terminate", "terminated", "Stop the sync that runs, at its next safe point."),
        BuildAction(context, "approve", "approved", "Let the prunes go on that are held for approval."),
    };

    public static Argument<string> NewName() => new("NAME") { Description = "The application: NAME or PROJECT/NAME." };

    private static Command BuildSync(CliContext context)
    {
        var name = NewName();
        var revision = new Option<string?>("--revision") { Description = "A commit of the application's source. Default: the newest.", HelpName = "COMMIT" };
        var prune = new Option<bool?>("--prune") { Description = "Delete what left the desired state, whatever the document says." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Write nothing." };
        var waiting = new WaitOptions();
        var command = new Command("sync", "Make the clusters equal to Git.") { name, revision, prune, dryRun, waiting.Wait, waiting.Timeout };
        command.SetAction((parsed, cancellation) =>
        {
            var request = new SyncRequest { Revision = parsed.GetValue(revision), Prune = parsed.GetValue(prune), DryRun = parsed.GetValue(dryRun) ? true : null };
            return StartAsync(context, parsed, ApplicationName.Parse(parsed.GetValue(name)!), "sync", "synced", request, waiting, cancellation);
        });
        return command;
    }

    private static Command BuildAction(CliContext context, string verb, string done, string description)
    {
        var name = NewName();
        var waiting = new WaitOptions();
        var command = new Command(verb, description) { name, waiting.Wait, waiting.Timeout };
        command.SetAction((parsed, cancellation) =>
            StartAsync(context, parsed, ApplicationName.Parse(parsed.GetValue(name)!), verb, done, null, waiting, cancellation));
        return command;
    }

    internal static async Task<int> StartAsync(
        CliContext context, ParseResult parsed, ApplicationName name, string verb, string done, object? body, WaitOptions waiting, CancellationToken cancellationToken)
    {
        var timeout = waiting.TimeoutOf(parsed);
        using var client = context.Connect(parsed);
        var operation = await client.StartAsync(HttpMethod.Post, $"{Routes.Application(name)}:{verb}", body, cancellationToken);
        if (operation is not null && waiting.IsSet(parsed))
            return await OperationWait.RunAsync(context, client, operation, $"application/{name} {verb}", timeout, cancellationToken);
        context.Terminal.Line(operation is null ? $"application/{name} {done}" : $"application/{name} {verb} started: operation {operation}");
        return ExitCodes.Done;
    }
}
