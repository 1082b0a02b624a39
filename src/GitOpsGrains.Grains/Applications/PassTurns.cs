using System.Collections.Concurrent;

namespace GitOpsGrains.Grains.Applications;

/// <summary>
/// So many applications of one repository are in a pass at once on a silo, the others wait for their turn in the order in which they
/// came. A commit that concerns all of 50,000 would else have all of them half done at once, which keeps gigabytes alive that the
/// collector copies again and again. Turns are of a repository, so that one that is not
/// answered holds up nobody else's applications. Thread-safe.
/// </summary>
public sealed class PassTurns
{
    public const int AtOnce = 1024;

    private readonly ConcurrentDictionary<string, SemaphoreSlim> _repositories = new(StringComparer.Ordinal);

    /// <summary>The turn ends when what is returned is disposed of.</summary>
    /// <param name="hurry">Ends the wait: the pass begins without a turn.</param>
    public async ValueTask<Turn> TakeAsync(string repository, CancellationToken hurry)
    {
        var turns = _repositories.GetOrAdd(repository, static _ => new SemaphoreSlim(AtOnce));
        var waiting = turns.WaitAsync(hurry);
        await waiting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        return waiting.IsCompletedSuccessfully ? new Turn(turns) : Turn.None;
    }

    public readonly struct Turn(SemaphoreSlim? turns) : IDisposable
    {
        /// <summary>Of a pass that did not wait.</summary>
        public static Turn None { get; }

        public void Dispose() => turns?.Release();
    }
}
