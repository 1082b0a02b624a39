using System.CommandLine;
using GitOpsGrains.Cli.Connection;
using GitOpsGrains.Cli.Output;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Cli.Commands;

/// <summary><c>app restore NAME</c>: brings deleted objects back, or lists which could come back.</summary>
internal static class AppRestoreCommand
{
    public static Command Build(CliContext context)
    {
        var name = AppCommand.NewName();
        var cluster = new Option<string?>("--cluster") { Description = "Only on this cluster." };
        var objects = AppCommand.NewObjects("Restore only this object.");
        var operation = new Option<string?>("--operation") { Description = "Only what this operation deleted.", HelpName = "ID" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Write nothing; with --wait, list what would be restored." };
        var overrideWindow = new Option<bool>("--override-window") { Description = "Restore even while a sync window stands against it." };
        var list = new Option<bool>("--list") { Description = "Only list what can be restored." };
        var waiting = new WaitOptions();
        var command = new Command("restore", "Bring deleted objects back from their kept manifests. What is not in Git any more is only kept until the next prune.")
        {
            name, cluster, objects, operation, dryRun, overrideWindow, list, waiting.Wait, waiting.Timeout,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var application = ApplicationName.Parse(parsed.GetValue(name)!);
            var request = new RestoreRequest
            {
                Cluster = parsed.GetValue(cluster),
                Objects = AppCommand.ObjectsOf(parsed, objects),
                Operation = parsed.GetValue(operation),
                DryRun = parsed.GetValue(dryRun) ? true : null,
                OverrideWindow = parsed.GetValue(overrideWindow) ? true : null,
            };
            if (!parsed.GetValue(list))
                return await AppCommand.StartAsync(context, parsed, application, "restore", "restored", request, waiting, cancellation, listsAll: true);
            if (request.Objects is not null || request.DryRun is not null || waiting.IsSet(parsed)) throw CliException.Usage("--list goes with --cluster and --operation only");
            await ListAsync(context, parsed, application, request, cancellation);
            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task ListAsync(CliContext context, ParseResult parsed, ApplicationName application, RestoreRequest wanted, CancellationToken cancellationToken)
    {
        using var client = context.Connect(parsed);
        var kept = await client.GetAsync<ListView<TombstoneView>>($"{Routes.Application(application)}/tombstones", cancellationToken);
        var shown = kept.Items.Where(item => (wanted.Cluster ?? item.Cluster) == item.Cluster && (wanted.Operation ?? item.Operation) == item.Operation).ToArray();
        if (shown.Length == 0)
        {
            context.Terminal.Note("nothing can be restored");
            return;
        }
        var table = new StatusTable("DELETED", "CLUSTER", "OBJECT", "REVISION", "OPERATION", "REASON");
        foreach (var item in shown) table.Add(StatusTable.Time(item.DeletedAt), item.Cluster, item.Object, StatusTable.Commit(item.Revision), item.Operation, item.Reason);
        context.Terminal.Write(table);
    }
}
