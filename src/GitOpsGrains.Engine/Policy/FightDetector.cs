namespace GitOpsGrains.Engine.Policy;

/// <summary>One manager's rewrites of one path of an object. Stored; no positional members.</summary>
public sealed record Rewrite
{
    public string Path { get; init; } = "";
    public string Manager { get; init; } = "";

    /// <summary>Oldest first, none older than the window when written.</summary>
    public IReadOnlyList<DateTimeOffset> Times { get; init; } = [];
}

/// <summary>Finds who keeps undoing our heals: the third rewrite of a path by the same manager within ten minutes.</summary>
public static class FightDetector
{
    public const int RewritesOfAFight = 3;

    // Of one object; the oldest are forgotten first.
    private const int MaxRewrites = 50;

    public static TimeSpan Window { get; } = TimeSpan.FromMinutes(10);

    /// <summary>Adds a rewrite that a heal is about to undo; the history is of one object.</summary>
    public static (IReadOnlyList<Rewrite> History, bool IsFight) Record(
        IReadOnlyList<Rewrite> history, string path, string manager, DateTimeOffset now)
    {
        var kept = history
            .Where(rewrite => rewrite.Times.Count > 0 && now - rewrite.Times[^1] < Window && !(rewrite.Path == path && rewrite.Manager == manager))
            .OrderBy(rewrite => rewrite.Times[^1]).TakeLast(MaxRewrites - 1).ToList();
        var before = history.FirstOrDefault(rewrite => rewrite.Path == path && rewrite.Manager == manager)?.Times ?? [];
        IReadOnlyList<DateTimeOffset> times = [.. before.Where(time => now - time < Window).TakeLast(RewritesOfAFight - 1), now];
        kept.Add(new Rewrite { Path = path, Manager = manager, Times = times });
        return (kept, times.Count >= RewritesOfAFight);
    }
}
