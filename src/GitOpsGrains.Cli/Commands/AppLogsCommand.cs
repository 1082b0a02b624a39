using System.CommandLine;
using GitOpsGrains.Cli.Connection;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Cli.Commands;

/// <summary><c>app logs NAME POD</c>: the last lines of a pod of the application.</summary>
internal static class AppLogsCommand
{
    private const int DefaultTail = 200;
    private const int MaxTail = 5000;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static Command Build(CliContext context)
    {
        var name = AppCommand.NewName();
        var pod = new Argument<string>("POD") { Description = "POD or NAMESPACE/POD: one of the application's, or owned by one of its objects." };
        var cluster = new Option<string?>("--cluster") { Description = "On this cluster; needed where the application has targets on several." };
        var container = new Option<string?>("--container", "-c") { Description = "Needed where the pod has several." };
        var tail = new Option<int>("--tail") { Description = $"So many lines, the last ones, {MaxTail} at most.", DefaultValueFactory = static _ => DefaultTail };
        var command = new Command("logs", "Show the last lines of a pod's log.") { name, pod, cluster, container, tail };
        command.SetAction(async (parsed, cancellation) =>
        {
            var count = AppCommand.CountOf(parsed, tail, MaxTail);
            var path = Routes.With(
                $"{Routes.Application(ApplicationName.Parse(parsed.GetValue(name)!))}/logs",
                ("cluster", parsed.GetValue(cluster)), ("object", ObjectOf(parsed.GetValue(pod)!)), ("container", parsed.GetValue(container)), ("tail", count));
            using var client = context.Connect(parsed);
            var logs = await client.GetAsync<LogsView>(path, Patience, cancellation);
            // Line by line, since what stands in them is the container's and may hold control characters.
            if (logs.Text.Length > 0)
                foreach (var line in logs.Text.TrimEnd('\n').Split('\n')) context.Terminal.Line(line.TrimEnd('\r'));
            if (logs.Cut) context.Terminal.Note("note: the newest lines are missing, as the log is too long; ask for fewer with --tail");
            return ExitCodes.Done;
        });
        return command;
    }

    private static string ObjectOf(string pod)
    {
        var parts = pod.Split('/');
        return parts.Length switch
        {
            1 => $"Pod/{pod}",
            2 => $"/Pod:{parts[0]}/{parts[1]}",
            _ => throw CliException.Usage("a pod is named POD or NAMESPACE/POD"),
        };
    }
}
