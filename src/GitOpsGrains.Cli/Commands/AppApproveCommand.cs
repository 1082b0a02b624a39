using System.CommandLine;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Cli.Commands;

/// <summary><c>app approve NAME [--object ID]…</c>: lists what was held and lets it go on.</summary>
internal static class AppApproveCommand
{
    public static Command Build(CliContext context)
    {
        var name = AppCommand.NewName();
        var objects = AppCommand.NewObjects("Approve only the prune of this object.");
        var waiting = new WaitOptions();
        var command = new Command("approve", "Let the prunes go on that are held for approval.") { name, objects, waiting.Wait, waiting.Timeout };
        command.SetAction((parsed, cancellation) =>
        {
            var request = AppCommand.ObjectsOf(parsed, objects) is { } only ? new ApproveRequest { Objects = only } : null;
            return AppCommand.StartAsync(context, parsed, ApplicationName.Parse(parsed.GetValue(name)!), "approve", "approved", request, waiting, cancellation);
        });
        return command;
    }
}
