namespace GitOpsGrains.Engine.Policy;

/// <summary>How often one object was healed lately. Stored; no positional members.</summary>
public sealed record HealHistory
{
    public static HealHistory None { get; } = new();

    public int Heals { get; init; }
    public DateTimeOffset Last { get; init; }
}

/// <summary>Repeated heals of one object wait longer and longer: 0, 2, 6, 18, 54, 162, 300 s. Ten quiet minutes forget all.</summary>
public static class HealBackoff
{
    public static TimeSpan Quiet { get; } = TimeSpan.FromMinutes(10);

    private static readonly int[] Delays = [0, 2, 6, 18, 54, 162, 300];

    /// <summary>The earliest time of the next heal; in the past if there is no need to wait.</summary>
    public static DateTimeOffset NextAllowed(HealHistory history, DateTimeOffset now)
    {
        var current = Current(history, now);
        return current.Heals == 0 ? DateTimeOffset.MinValue : current.Last + Delay(current.Heals);
    }

    public static HealHistory Healed(HealHistory history, DateTimeOffset now) =>
        new() { Heals = Math.Min(Current(history, now).Heals + 1, Delays.Length - 1), Last = now };

    /// <summary>The wait before the heal that follows so many.</summary>
    public static TimeSpan Delay(int heals) => TimeSpan.FromSeconds(Delays[Math.Clamp(heals, 0, Delays.Length - 1)]);

    /// <summary>A heal that is still to come was before the clock was set back: nobody knows how long ago.</summary>
    private static HealHistory Current(HealHistory history, DateTimeOffset now) =>
        now - history.Last >= Quiet || history.Last > now ? HealHistory.None : history;
}
