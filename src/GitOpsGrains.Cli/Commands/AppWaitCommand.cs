using System.CommandLine;
using GitOpsGrains.Cli.Connection;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Cli.Commands;

/// <summary><c>app wait NAME [--sync] [--health]</c>: until it is Synced and Healthy, or the one that is asked for.</summary>
internal static class AppWaitCommand
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan WatchSafetyNet = TimeSpan.FromSeconds(15);

    public static Command Build(CliContext context)
    {
        var name = AppCommand.NewName();
        var sync = new Option<bool>("--sync") { Description = "Until it is Synced." };
        var health = new Option<bool>("--health") { Description = "Until it is Healthy." };
        var revision = new Option<string?>("--revision") { Description = "Until this commit is the wanted one as well.", HelpName = "COMMIT" };
        var timeout = WaitOptions.NewTimeout();
        var command = new Command("wait", "Wait until an application is Synced and Healthy, or only what is asked for. Exit code 3 when the time is over.") { name, sync, health, revision, timeout };
        command.SetAction(async (parsed, cancellation) =>
        {
            var application = ApplicationName.Parse(parsed.GetValue(name)!);
            var both = !parsed.GetValue(sync) && !parsed.GetValue(health);
            var goal = new Goal(parsed.GetValue(sync) || both, parsed.GetValue(health) || both, parsed.GetValue(revision));
            var limit = WaitOptions.ParseTimeout(parsed.GetValue(timeout));
            using var client = context.Connect(parsed);
            var reached = await OperationWait.WithTimeoutAsync(
                context, $"waiting for application/{application}", limit, (show, token) => WaitAsync(client, application, goal, show, token), cancellation);
            context.Terminal.Line(TextOf(application, reached));
            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task<ApplicationView> WaitAsync(FleetClient client, ApplicationName name, Goal goal, Action<string> show, CancellationToken cancellationToken)
    {
        var questions = new PatientQuestions(client.Time, show);
        while (true)
        {
            // The stream is opened before the question, so that no change falls between them.
            using var response = await questions.AskAsync(() => client.OpenStreamAsync(Routes.Watch, null, cancellationToken), cancellationToken);
            using var stream = response is null ? null : new EventStream(response, client.Time);
            var pulse = stream is null ? null : new ChangePulse(stream, ChangeFilter.Of(name), cancellationToken);
            do
            {
                var view = await questions.AskAsync(() => client.GetAsync<ApplicationView>(Routes.Application(name), cancellationToken), cancellationToken);
                show(TextOf(name, view));
                if (goal.IsReached(view)) return view;
                if (pulse is null) await Task.Delay(PollInterval, client.Time, cancellationToken);
            }
            while (pulse is null || await pulse.NextAsync(client.Time, WatchSafetyNet));
            // The stream ended: not at once again, the server may end every one.
            await Task.Delay(PollInterval, client.Time, cancellationToken);
        }
    }

    private static string TextOf(ApplicationName name, ApplicationView view)
    {
        var status = view.Status;
        return $"application/{name} {status.Sync} {status.Health}{(status.Message.Length > 0 ? ": " + status.Message : "")}";
    }

    private sealed record Goal(bool Sync, bool Health, string? Revision)
    {
        public bool IsReached(ApplicationView view) =>
            (!Sync || view.Status.Sync == "Synced")
            && (!Health || view.Status.Health == "Healthy")
            && (Revision is null || (view.Status.Revision.Length > 0 && view.Status.Revision.StartsWith(Revision, StringComparison.OrdinalIgnoreCase)));
    }
}
