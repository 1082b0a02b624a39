namespace GitOpsGrains.Engine.Policy;

/// <summary>How often one object was looked at in vain lately. In memory; forgotten with the activation.</summary>
public sealed record CheckHistory
{
    public static CheckHistory None { get; } = new();

    /// <summary>Checks in a row that found the object as it should be.</summary>
    public int Fruitless { get; init; }

    public DateTimeOffset Last { get; init; }
}

/// <summary>
/// An object that others write all the time, without changing what is ours, is looked at less and less often: at most once
/// in 10, 10, 20, 40, 80, 160, 300 s. Drift, or ten minutes in which nothing was to be looked at, bring back the 10 s. A change of our own
/// entry in managedFields, or of our labels and annotations, is no such noise and waits no longer than 10 s.
/// </summary>
public static class CheckPace
{
    public static TimeSpan Shortest { get; } = TimeSpan.FromSeconds(10);

    public static TimeSpan Longest { get; } = TimeSpan.FromMinutes(5);

    public static TimeSpan Quiet { get; } = TimeSpan.FromMinutes(10);

    /// <summary>At this many checks in vain the pauses begin to grow.</summary>
    private const int Patience = 2;

    /// <summary>Between the last check and the next.</summary>
    /// <param name="isNoise">The question is one that writes of others beside our fields raise.</param>
    public static TimeSpan Pause(CheckHistory history, bool isNoise) => isNoise ? After(history.Fruitless - Patience) : Shortest;

    /// <summary>10 s, and twice as long with each time in vain, up to 300 s.</summary>
    public static TimeSpan After(int timesInVain)
    {
        var grown = Shortest * Math.Pow(2, Math.Clamp(timesInVain, 0, 10));
        return grown < Longest ? grown : Longest;
    }

    /// <summary>A check found nothing.</summary>
    public static CheckHistory FoundNothing(CheckHistory history, DateTimeOffset now) =>
        new() { Fruitless = now - history.Last >= Quiet ? 1 : Math.Min(history.Fruitless + 1, 100), Last = now };
}
