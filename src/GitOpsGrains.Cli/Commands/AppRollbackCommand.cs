using System.CommandLine;
using GitOpsGrains.Cli.Connection;
using GitOpsGrains.Cli.Output;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Cli.Commands;

/// <summary><c>app rollback NAME</c>: a commit that restores the application's files, and what comes of it.</summary>
internal static class AppRollbackCommand
{
    /// <summary>As long as the server waits for the clusters.</summary>
    private static readonly TimeSpan DiffPatience = TimeSpan.FromMinutes(5);

    public static Command Build(CliContext context)
    {
        var name = AppCommand.NewName();
        var to = new Option<string?>("--to") { Description = "Restore the files as they were at this commit, branch or tag; SOURCE:REV where there are several sources. Default: the revision that was synced before the present one.", HelpName = "REV" };
        var branch = new Option<string?>("--branch") { Description = "Push to this new branch, for a pull request, instead of the branch that is followed.", HelpName = "NAME" };
        var shared = new Option<bool>("--include-shared") { Description = "Restore files, too, that other applications read or that lie outside of the application's path." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Push nothing: show the commit, and what it would change on each cluster. Exit code 4 when that can't be told." };
        var reason = new Option<string?>("--reason") { Description = "Why, for the commit's message." };
        var waiting = new WaitOptions();
        var command = new Command("rollback", "Go back by a commit: restore the application's files in Git as they were, and follow the sync.")
        {
            name, to, branch, shared, dryRun, reason, waiting.Timeout,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var application = ApplicationName.Parse(parsed.GetValue(name)!);
            var request = new RollbackRequest
            {
                Revision = parsed.GetValue(to),
                Branch = parsed.GetValue(branch),
                IncludeShared = parsed.GetValue(shared) ? true : null,
                DryRun = parsed.GetValue(dryRun) ? true : null,
                Reason = parsed.GetValue(reason),
            };
            using var client = context.Connect(parsed);
            var started = await client.CommandAsync($"{Routes.Application(application)}:rollback", request, cancellation);
            await OperationWait.RunAsync(context, client, started.Id, $"application/{application} rollback", waiting.TimeoutOf(parsed), cancellation);
            var ended = await client.GetAsync<OperationView>(Routes.Operation(started.Id), cancellation);
            if (ended.Rollback is not { } rollback) return ExitCodes.Done;
            Print(context.Terminal, rollback, request.IncludeShared == true);
            return request.DryRun == true ? await DiffAsync(context.Terminal, client, application, rollback, cancellation) : ExitCodes.Done;
        });
        return command;
    }

    /// <summary>What the commit would change. Exit code and errors as of <c>app diff</c>, but that differences are what is expected.</summary>
    private static async Task<int> DiffAsync(Terminal terminal, FleetClient client, ApplicationName application, RollbackView rollback, CancellationToken cancellationToken)
    {
        var route = Routes.With($"{Routes.Application(application)}/diff", ("revision", rollback.Source is { } source ? $"{source}:{rollback.Commit}" : rollback.Commit));
        try
        {
            var diff = await client.GetAsync<DiffView>(route, DiffPatience, cancellationToken);
            AppDiffCommand.Print(terminal, diff);
            return AppDiffCommand.HasFailed(diff) ? ExitCodes.DiffFailed : ExitCodes.Done;
        }
        catch (CliException failed) when (AppDiffCommand.IsFailure(failed))
        {
            throw AppDiffCommand.AsDiffFailed(failed);
        }
    }

    private static void Print(Terminal terminal, RollbackView rollback, bool includesShared)
    {
        terminal.Line($"commit {rollback.Commit} on {rollback.Branch}");
        terminal.Line("");
        foreach (var line in rollback.Message.TrimEnd().Split('\n')) terminal.Line($"    {line}");
        terminal.Line("");
        foreach (var file in rollback.Files) terminal.Line($"  {file}");
        if (rollback.Files.Count == RollbackView.MaxFiles) terminal.Line("  … and more");
        if (rollback.Shared.Count == 0) return;
        terminal.Line(includesShared ? "of these are shared:" : "differ too, and stay as they are without --include-shared:");
        foreach (var item in rollback.Shared)
            terminal.Line($"  {item.File} ({(item.Applications.Count == 0 ? "outside of the application's path" : $"read by {string.Join(", ", item.Applications.Take(5))}{(item.Applications.Count > 5 ? ", …" : "")}")})");
    }
}
