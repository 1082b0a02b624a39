using GitOpsGrains.Abstractions;

namespace GitOpsGrains.Grains.Hosting;

/// <summary>Calls by a silo that starts: while silos come and go a grain may be out of reach, on one that is dead and not yet declared so.</summary>
public static class GrainReach
{
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>Asks until it has answered.</summary>
    /// <param name="isPassing">After which failures it is asked again; what else comes is thrown.</param>
    /// <param name="report">Is told each of them.</param>
    public static async Task<T> AskAsync<T>(Func<Task<T>> ask, Func<Exception, bool> isPassing, Action<Exception> report, TimeProvider time, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (Exception failure) when (isPassing(failure))
            {
                report(failure);
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }

    /// <summary>What the storage says is no such thing: it may say so for good.</summary>
    public static bool IsOutOfReach(Exception failure) => failure is TimeoutException or (OrleansException and not StorageFailedException);
}
