using System.CommandLine;
using GitOpsGrains.Cli.Connection;
using GitOpsGrains.Cli.Output;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Cli.Commands;

/// <summary><c>app actions NAME</c> and <c>app action NAME ACTION</c>: an administrator's actions on one object.</summary>
internal static class AppActionCommand
{
    public static Command BuildList(CliContext context)
    {
        var (name, cluster, id) = (AppCommand.NewName(), NewCluster(), NewObject());
        var command = new Command("actions", "List the actions that an object has now.") { name, cluster, id };
        command.SetAction(async (parsed, cancellation) =>
        {
            var application = ApplicationName.Parse(parsed.GetValue(name)!);
            using var client = context.Connect(parsed);
            var query = $"cluster={Uri.EscapeDataString(parsed.GetValue(cluster)!)}&object={Uri.EscapeDataString(parsed.GetValue(id)!)}";
            var actions = await client.GetAsync<ListView<ActionView>>($"{Routes.Application(application)}/actions?{query}", cancellation);
            if (actions.Items.Count == 0) context.Terminal.Note($"{parsed.GetValue(id)} has no actions");
            else Print(context.Terminal, actions.Items);
            return ExitCodes.Done;
        });
        return command;
    }

    public static Command BuildRun(CliContext context)
    {
        var (name, cluster, id) = (AppCommand.NewName(), NewCluster(), NewObject());
        var action = new Argument<string>("ACTION") { Description = "The action, as app actions lists it." };
        var waiting = new WaitOptions();
        var command = new Command("action", "Run an action on one object.") { name, action, cluster, id, waiting.Wait, waiting.Timeout };
        command.SetAction((parsed, cancellation) =>
        {
            var request = new ActionRequest { Cluster = parsed.GetValue(cluster)!, Object = parsed.GetValue(id)!, Action = parsed.GetValue(action)! };
            return AppCommand.StartAsync(context, parsed, ApplicationName.Parse(parsed.GetValue(name)!), "action", "done", request, waiting, cancellation);
        });
        return command;
    }

    private static Option<string> NewCluster() => new("--cluster") { Description = "The cluster that the object is on.", Required = true };

    private static Option<string> NewObject() => new("--object") { Description = "The object: group/Kind:namespace/name.", HelpName = "ID", Required = true };

    private static void Print(Terminal terminal, IReadOnlyList<ActionView> actions)
    {
        var table = new StatusTable("NAME", "TITLE", "STATE");
        foreach (var action in actions) table.Add(action.Name, action.DisplayName, action.Disabled ? "disabled" : "ready");
        terminal.Write(table);
    }
}
