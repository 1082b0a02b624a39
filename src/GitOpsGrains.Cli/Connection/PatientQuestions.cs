namespace GitOpsGrains.Cli.Connection;

/// <summary>
/// Asks again where a server that has answered before is lost: a gateway or silo that changes is no end of a wait. The first question
/// fails at once, as a wrong address would never answer.
/// </summary>
/// <param name="answered">Whether the server has answered something already.</param>
internal sealed class PatientQuestions(TimeProvider time, Action<string> show, bool answered = false)
{
    private static readonly TimeSpan LeastPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MostPause = TimeSpan.FromSeconds(5);
    private bool _answered = answered;

    /// <summary>Unreachable, too busy, or not able to answer: what may pass by itself.</summary>
    public static bool IsLoss(CliException failed) => failed.Status is null or 429 or >= 500;

    /// <summary>Ends with an answer, an error that does not pass, or when it is cancelled.</summary>
    public async Task<T> AskAsync<T>(Func<Task<T>> ask, CancellationToken cancellationToken)
    {
        for (var pause = LeastPause; ; pause = pause * 2 < MostPause ? pause * 2 : MostPause)
        {
            try
            {
                var answer = await ask();
                _answered = true;
                return answer;
            }
            catch (CliException lost) when (_answered && IsLoss(lost))
            {
                show($"{lost.Message}; trying again");
            }

            await Task.Delay(pause, time, cancellationToken);
        }
    }
}
