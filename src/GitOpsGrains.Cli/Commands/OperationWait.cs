using GitOpsGrains.Cli.Connection;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Cli.Commands;

/// <summary>Waits for one operation with progress, and makes an exit code of how it ends.</summary>
internal static class OperationWait
{
    /// <param name="listsAll">Also objects that it went well with.</param>
    public static async Task<int> RunAsync(
        CliContext context, FleetClient client, string id, string what, TimeSpan timeout, CancellationToken cancellationToken, bool listsAll = false)
    {
        var operation = await WithTimeoutAsync(context, $"waiting for {what}", timeout, async (show, token) =>
            await Operations.WaitAsync(client, id, step => show(TextOf(what, step)), show, token), cancellationToken);
        if (operation.Phase != OperationPhase.Succeeded)
            throw new CliException($"{what} {operation.Phase.ToString().ToLowerInvariant()}{(operation.Message.Length > 0 ? ": " + operation.Message : "")}")
            {
                Details = [.. (operation.Objects ?? []).Where(OperationObjects.IsTrouble).Select(OperationObjects.LineOf)],
            };
        foreach (var item in operation.Objects ?? [])
            if (listsAll || OperationObjects.IsTrouble(item)) context.Terminal.Line(OperationObjects.LineOf(item));
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
        var attempt = operation.Attempt is > 1 and var count ? $" attempt {count}" : "";
        var progress = operation.Progress is { Total: > 0 } done ? $" {done.Done}/{done.Total}" : "";
        return $"{what}: {operation.Phase}{attempt}{progress}{(operation.Message.Length > 0 ? " " + operation.Message : "")}";
    }
}
