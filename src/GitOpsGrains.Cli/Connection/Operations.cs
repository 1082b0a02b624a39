using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Cli.Connection;

/// <summary>Waits for operations; the server holds each question until something changes.</summary>
internal static class Operations
{
    private static readonly TimeSpan LeastBetweenQuestions = TimeSpan.FromSeconds(1);

    public static bool IsFinal(this OperationView operation) => operation.Phase is not (OperationPhase.Pending or OperationPhase.Running);

    /// <param name="lost">Told why the server has to be asked again.</param>
    public static async Task<OperationView> WaitAsync(FleetClient client, string id, Action<OperationView> progress, Action<string> lost, CancellationToken cancellationToken)
    {
        // What started the operation was answered: the address is right.
        var questions = new PatientQuestions(client.Time, lost, answered: true);
        while (true)
        {
            var asked = client.Time.GetTimestamp();
            var operation = await questions.AskAsync(() => client.GetAsync<OperationView>(Routes.Operation(id) + "?wait=20s", cancellationToken), cancellationToken);
            progress(operation);
            if (operation.IsFinal()) return operation;
            // A server that does not hold the question must not be asked in a loop.
            var rest = LeastBetweenQuestions - client.Time.GetElapsedTime(asked);
            if (rest > TimeSpan.Zero) await Task.Delay(rest, client.Time, cancellationToken);
        }
    }
}
