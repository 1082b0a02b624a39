using System.CommandLine;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Cli.Commands;

/// <summary><c>app sync NAME</c>: all of it or selected objects, for real or as a dry run.</summary>
internal static class AppSyncCommand
{
    public static Command Build(CliContext context)
    {
        var name = AppCommand.NewName();
        var revision = new Option<string?>("--revision") { Description = "The commit that the sync is meant for; it fails when the newest is another.", HelpName = "COMMIT" };
        var prune = new Option<bool?>("--prune") { Description = "Delete what left the desired state, whatever the document says." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Write nothing; with --wait, list what would be done." };
        var objects = AppCommand.NewObjects("Sync only this object: no hook runs, and nothing is pruned without --prune.");
        var onError = new Option<string?>("--on-error") { Description = "abort or continue when an object fails. Default: the document's onFailure." };
        var overrideWindow = new Option<bool>("--override-window") { Description = "Sync although a sync window of the project is against it." };
        var force = new Option<bool>("--force") { Description = "Delete and create again what can't be changed." };
        var replace = new Option<bool>("--replace") { Description = "Replace objects as a whole in place of applying them." };
        onError.AcceptOnlyFromAmong([.. ErrorPolicies.All]);
        var waiting = new WaitOptions();
        var command = new Command("sync", "Make the clusters equal to Git.")
        {
            name, revision, prune, dryRun, objects, onError, overrideWindow, force, replace, waiting.Wait, waiting.Timeout,
        };
        command.SetAction((parsed, cancellation) =>
        {
            var request = new SyncRequest
            {
                Revision = parsed.GetValue(revision),
                Prune = parsed.GetValue(prune),
                DryRun = Given(dryRun),
                Objects = AppCommand.ObjectsOf(parsed, objects),
                OnError = parsed.GetValue(onError),
                OverrideWindow = Given(overrideWindow),
                Force = Given(force),
                Replace = Given(replace),
            };
            return AppCommand.StartAsync(
                context, parsed, ApplicationName.Parse(parsed.GetValue(name)!), "sync", "synced", request, waiting, cancellation, listsAll: request.DryRun == true);

            bool? Given(Option<bool> option) => parsed.GetValue(option) ? true : null;
        });
        return command;
    }
}
