using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace GitOpsGrains.Testing;

/// <summary>Waits for a condition by asking again, with a deadline; never for a span of time alone.</summary>
public static class Eventually
{
    private static readonly TimeSpan DefaultDeadline = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// Asks until the value satisfies the condition and returns it. Errors: <see cref="TimeoutException"/> that says what
    /// was wanted and what was last seen (a value or an exception).
    /// </summary>
    [OverloadResolutionPriority(1)]
    public static async Task<T> GetAsync<T>(
        Func<Task<T>> read, Predicate<T> isWanted, string wanted, TimeSpan? deadline = null, CancellationToken cancellationToken = default)
    {
        var limit = deadline ?? DefaultDeadline;
        var clock = Stopwatch.StartNew();
        while (true)
        {
            string seen;
            try
            {
                var value = await read();
                if (isWanted(value)) return value;
                seen = value?.ToString() ?? "null";
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                seen = $"{exception.GetType().Name}: {exception.Message}";
            }

            if (clock.Elapsed > limit)
                throw new TimeoutException($"waited {limit.TotalSeconds:0.#} s for: {wanted}. Last seen: {seen}");
            await Task.Delay(Pause, cancellationToken);
        }
    }

    public static Task<T> GetAsync<T>(
        Func<T> read, Predicate<T> isWanted, string wanted, TimeSpan? deadline = null, CancellationToken cancellationToken = default) =>
        GetAsync(() => Task.FromResult(read()), isWanted, wanted, deadline, cancellationToken);

    /// <summary>Asks until the answer is true.</summary>
    public static Task TrueAsync(
        Func<bool> condition, string wanted, TimeSpan? deadline = null, CancellationToken cancellationToken = default) =>
        GetAsync(() => Task.FromResult(condition()), seen => seen, wanted, deadline, cancellationToken);

    [OverloadResolutionPriority(1)]
    public static Task TrueAsync(
        Func<Task<bool>> condition, string wanted, TimeSpan? deadline = null, CancellationToken cancellationToken = default) =>
        GetAsync(condition, seen => seen, wanted, deadline, cancellationToken);
}
