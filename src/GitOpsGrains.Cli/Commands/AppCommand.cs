using System.CommandLine;
using System.Globalization;
using GitOpsGrains.Cli.Connection;

namespace GitOpsGrains.Cli.Commands;

/// <summary><c>app VERB NAME</c>: what is done with one application.</summary>
internal static class AppCommand
{
    public static Command Build(CliContext context) => new("app", "One application: sync, look, wait.")
    {
        AppSyncCommand.Build(context),
        BuildAction(context, "refresh", "refreshed", "Ask Git and the clusters now."),
        AppDiffCommand.Build(context),
        AppWaitCommand.Build(context),
        AppHistoryCommand.Build(context),
        AppBlameCommand.Build(context),
        AppRollbackCommand.Build(context),
        AppTreeCommand.Build(context),
        AppManifestsCommand.Build(context),
        AppEventsCommand.Build(context),
        AppLogsCommand.Build(context),
        AppActionCommand.BuildList(context),
        AppActionCommand.BuildRun(context),
        BuildAction(context, "suspend", "suspended", "Write nothing to the clusters until it is resumed."),
        BuildAction(context, "resume", "resumed", "End a suspend."),
        BuildAction(context, "terminate", "terminated", "Stop the sync that runs, at its next safe point."),
        AppApproveCommand.Build(context),
        AppRestoreCommand.Build(context),
    };

    public static Option<string[]> NewObjects(string description) => new("--object")
    {
        Description = $"{description} May be given again.",
        HelpName = "group/Kind:namespace/name or Kind/name",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    /// <summary>Null when none is given.</summary>
    public static IReadOnlyList<string>? ObjectsOf(ParseResult parsed, Option<string[]> objects) => parsed.GetValue(objects) is { Length: > 0 } given ? given : null;

    /// <summary>As a query takes it. Errors: a <see cref="CliException"/> for less than one, or more than that.</summary>
    public static string CountOf(ParseResult parsed, Option<int> option, int most) => parsed.GetValue(option) is var count && count >= 1 && count <= most
        ? count.ToString(CultureInfo.InvariantCulture) : throw CliException.Usage($"{option.Name}: expected a number from 1 to {most}");

    public static Argument<string> NewName() => new("NAME") { Description = "The application: NAME or PROJECT/NAME." };

    private static Command BuildAction(CliContext context, string verb, string done, string description)
    {
        var name = NewName();
        var waiting = new WaitOptions();
        var command = new Command(verb, description) { name, waiting.Wait, waiting.Timeout };
        command.SetAction((parsed, cancellation) =>
            StartAsync(context, parsed, ApplicationName.Parse(parsed.GetValue(name)!), verb, done, null, waiting, cancellation));
        return command;
    }

    /// <summary>Starts a command, and waits for its end if that is asked for.</summary>
    public static async Task<int> StartAsync(
        CliContext context, ParseResult parsed, ApplicationName name, string verb, string done, object? body, WaitOptions waiting, CancellationToken cancellationToken,
        bool listsAll = false)
    {
        var timeout = waiting.TimeoutOf(parsed);
        using var client = context.Connect(parsed);
        var operation = await client.CommandAsync($"{Routes.Application(name)}:{verb}", body, cancellationToken);
        foreach (var named in operation.Objects ?? []) context.Terminal.Line(OperationObjects.LineOf(named));
        if (operation.Id.Length > 0 && waiting.IsSet(parsed))
            return await OperationWait.RunAsync(context, client, operation.Id, $"application/{name} {verb}", timeout, cancellationToken, listsAll);
        context.Terminal.Line(operation.Id.Length == 0 ? $"application/{name} {done}" : $"application/{name} {verb} started: operation {operation.Id}");
        return ExitCodes.Done;
    }
}
