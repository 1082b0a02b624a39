namespace GitOpsGrains.Grains;

/// <summary>
/// Asks each of many until it has answered, so many at once; whoever does not answer keeps no other waiting. The rounds run where
/// the names were added: in a grain on its scheduler.
/// </summary>
/// <param name="ask">Whatever it throws is a reason to ask again.</param>
/// <param name="report">Is told once in each round in which somebody did not answer: how many, and one of them with its failure.</param>
/// <param name="stopping">Ends the rounds: nobody is asked any more.</param>
internal sealed class Insistence<T>(int atOnce, Func<T, Task> ask, Action<int, T, Exception> report, TimeProvider time, CancellationToken stopping)
    where T : notnull
{
    /// <summary>Doubled with each round in which somebody did not answer.</summary>
    public static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);

    public static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly HashSet<T> _open = [];
    private readonly SemaphoreSlim _slots = new(atOnce);
    private readonly Lock _gate = new();
    private TimeSpan _pause = FirstPause;
    private bool _isPausing;

    /// <summary>Ends, without an error, when each of these has been asked once; whoever did not answer is asked again later.</summary>
    public async Task AddAsync(IEnumerable<T> names)
    {
        T[] round = [.. names];
        // Before they are asked: what fails meanwhile is to be asked once more.
        lock (_gate) _open.ExceptWith(round);
        var failures = await Task.WhenAll(round.Select(FailureOfAsync));
        var unanswered = round.Zip(failures).Where(asked => asked.Second is not null).ToArray();
        if (unanswered.Length > 0) report(unanswered.Length, unanswered[0].First, unanswered[0].Second!);
        lock (_gate)
        {
            _open.UnionWith(unanswered.Select(asked => asked.First));
            if (_open.Count == 0) _pause = FirstPause;
            if (_open.Count == 0 || _isPausing || stopping.IsCancellationRequested) return;
            _isPausing = true;
        }
        AskAgain();
    }

    private async void AskAgain()
    {
        await Task.Delay(_pause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        T[] open;
        lock (_gate)
        {
            _isPausing = false;
            _pause = TimeSpan.FromTicks(Math.Min(2 * _pause.Ticks, LongestPause.Ticks));
            open = [.. _open];
        }
        await AddAsync(open);
    }

    private async Task<Exception?> FailureOfAsync(T name)
    {
        await _slots.WaitAsync();
        try
        {
            if (!stopping.IsCancellationRequested) await ask(name);
            return null;
        }
#pragma warning disable CA1031 // While silos come and go it may be out of reach in several ways.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            return failure;
        }
        finally
        {
            _slots.Release();
        }
    }
}
