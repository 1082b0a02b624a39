using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Engine.Manifests;

namespace GitOpsGrains.Grains.Repositories;

/// <summary>What newer commits are for an application, as far as the paths that changed tell.</summary>
public enum ImpactKind
{
    /// <summary>Its refs name the commits that they named before.</summary>
    Unmoved,

    /// <summary>No commit touches what it reads.</summary>
    Spared,

    /// <summary>What it reads has to be looked at.</summary>
    Unclear,
}

/// <param name="At">Its sources at the newer commits.</param>
/// <param name="Commits">The newer ones.</param>
public readonly record struct Impact(ImpactKind Kind, RenderSubject At, IReadOnlyList<string> Commits);

/// <summary>
/// Tells the applications apart that a poll's commits leave alone. Each pair of commits is compared once for all of them, so that one more
/// application costs some look-ups in memory.
/// </summary>
/// <param name="newest">The commit that a ref has now; null when there is no such ref.</param>
/// <param name="compare">What differs between two commits; null when that can't be told.</param>
public sealed class CommitImpact(Func<RefQuery, string?> newest, Func<string, string, Task<ChangedPaths?>> compare)
{
    private readonly Dictionary<(string From, string To), ChangedPaths?> _changes = [];

    public async ValueTask<Impact> JudgeAsync(Subscription subscription)
    {
        List<Move>? moves = null;
        foreach (var query in subscription.Queries)
        {
            var before = subscription.CommitOf(query);
            if (newest(query) is { } now && now != before) (moves ??= []).Add(new Move(query, before, now));
        }
        if (moves is null) return new Impact(ImpactKind.Unmoved, subscription.Subject, []);
        var spared = subscription.Paths is { } reads && await AreSparedAsync(moves, reads);
        return new Impact(spared ? ImpactKind.Spared : ImpactKind.Unclear, subscription.At(moves), [.. moves.Select(move => move.To)]);
    }

    private async ValueTask<bool> AreSparedAsync(List<Move> moves, IReadOnlyList<string> reads)
    {
        foreach (var move in moves)
        {
            if (!_changes.TryGetValue((move.From, move.To), out var paths)) _changes[(move.From, move.To)] = paths = await compare(move.From, move.To);
            if (paths?.Touches(reads) != false) return false;
        }
        return true;
    }
}

/// <summary>A ref names another commit than before.</summary>
public readonly record struct Move(RefQuery Query, string From, string To);
