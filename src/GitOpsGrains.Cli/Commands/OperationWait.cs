using GitOpsGrains.Cli.Connection;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Cli.Commands;

/// <summary>Waits for one operation with progress, and makes an exit code of how it ends.</summary>
internal static class OperationWait
{
    public static async Task<int> RunAsync(CliContext context, FleetClient client, string id, string what, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var operation = await WithTimeoutAsync(context, $"waiting for {what}", timeout, async (show, token) =>
            await Operations.WaitAsync(client, id, step => show(TextOf(what, step)), token), cancellationToken);
        if (operation.Phase != OperationPhase.Succeeded)
            throw new CliException($"{what} {operation.Phase.ToString().ToLowerInvariant()}{(operation.Message.Length > 0 ? ": " + operation.Message : "")}");
        context.Terminal.Line($"{what} succeeded{(operation.Message.Length > 0 ? ": " + operation.Message : "")}");
        return ExitCodes.Done;
    }

    /// <summary>Errors: <see cref="CliException"/> with <see cref="ExitCodes.TimedOut"/>, naming what was seen last.</summary>
    public static async Task<T> WithTimeoutAsync<T>(
        CliContext context, string first, TimeSpan timeout, Func<Action<string>, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(timeout, context.Environment.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        var last = first;
        try
        {
            return await context.Terminal.WithProgressAsync(first, show => work(
                text =>
                {
                    last = text;
                    show(text);
                },
                either.Token));
        }
        catch (OperationCanceledException late) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new CliException($"not done after {Durations.Format(timeout)}; last seen: {last}", ExitCodes.TimedOut, inner: late);
        }
    }

    private static string TextOf(string what, OperationView operation)
    {
        var progress = operation.Progress is { Total: > 0 } done ? $" {done.Done}/{done.Total}" : "";
        return $"{what}: {operation.Phase}{progress}{(operation.Message.Length > 0 ? " " + operation.Message : "")}";
    }
}
