namespace GitOpsGrains.Engine.Policy;

/// <summary>How long to wait before a repository is asked again.</summary>
public static class PollInterval
{
    // A repository without commits for a day is asked less often, down to half as often.
    private static readonly TimeSpan QuietAfter = TimeSpan.FromDays(1);

    private const int MaxSlowdown = 2;
    private const double Jitter = 0.1;

    /// <summary>After failures it doubles each time, up to this, but never below the interval itself.</summary>
    public static TimeSpan MaxAfterFailures { get; } = TimeSpan.FromMinutes(10);

    /// <param name="interval">As configured.</param>
    /// <param name="sinceChange">Since a new commit was last seen.</param>
    /// <param name="failures">In a row; 0 after a success.</param>
    /// <param name="random">From 0 up to 1: spreads the result by ±10 %.</param>
    public static TimeSpan Next(TimeSpan interval, TimeSpan sinceChange, int failures, double random)
    {
        var wait = interval * (failures == 0 ? Slowdown(sinceChange) : Math.Pow(2, Math.Min(failures, 20)));
        var most = MaxAfterFailures > interval ? MaxAfterFailures : interval;
        if (failures > 0 && wait > most) wait = most;
        return wait * (1 - Jitter + 2 * Jitter * Math.Clamp(random, 0, 1));
    }

    private static double Slowdown(TimeSpan sinceChange) =>
        sinceChange <= QuietAfter ? 1 : Math.Min(MaxSlowdown, 1 + Math.Log2(sinceChange / QuietAfter));
}
