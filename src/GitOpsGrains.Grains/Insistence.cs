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
    /// <summary>Of whoever has not answered; doubled with each time.</summary>
    public static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);

    public static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>To be asked again after a pause that has begun.</summary>
    private readonly HashSet<T> _late = [];
    private readonly SemaphoreSlim _slots = new(atOnce);
    private readonly Lock _gate = new();

    /// <summary>Ends, without an error, when each of these has been asked once; whoever did not answer is asked again later.</summary>
    public async Task AddAsync(IEnumerable<T> names) => AskAgain(await RoundAsync([.. names]));

    /// <summary>The same after the first pause.</summary>
    public void AddLater(T name) => AskAgain([name]);

    /// <summary>Returns those that did not answer.</summary>
    private async Task<T[]> RoundAsync(T[] names)
    {
        var failures = await Task.WhenAll(names.Select(FailureOfAsync));
        var asked = names.Zip(failures).ToLookup(pair => pair.Second is null);
        lock (_gate) _late.ExceptWith(asked[true].Select(pair => pair.First));
        var unanswered = asked[false].ToArray();
        if (unanswered is [var (one, failure), ..]) report(unanswered.Length, one, failure!);
        return [.. unanswered.Select(pair => pair.First)];
    }

    private async void AskAgain(T[] names)
    {
        // Those of an earlier round have their own pause.
        lock (_gate) names = [.. names.Where(_late.Add)];
        for (var pause = FirstPause; names.Length > 0 && !stopping.IsCancellationRequested; pause = TimeSpan.FromTicks(Math.Min(2 * pause.Ticks, LongestPause.Ticks)))
        {
            await Task.Delay(pause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            lock (_gate) names = [.. names.Where(_late.Contains)];
            names = await RoundAsync(names);
        }
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
