using System.Collections.Immutable;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Abstractions.Repositories;

namespace GitOpsGrains.Grains.Repositories;

/// <summary>What the server last said to all that it was asked, and what is known of the commits.</summary>
public sealed record RepositoryListing
{
    private readonly Dictionary<RefQuery, RefFinding> _findings = [];

    public static RepositoryListing None => new();

    /// <summary>To be asked from now on.</summary>
    public ImmutableHashSet<RefQuery> Asked { get; private init; } = [];

    /// <summary>What the last answer was about.</summary>
    public ImmutableHashSet<RefQuery> Answered { get; private init; } = [];

    /// <summary>By full name: all refs of the server that matter to what was asked.</summary>
    public IReadOnlyDictionary<string, GitRef> Refs { get; private init; } = ImmutableDictionary<string, GitRef>.Empty;

    /// <summary>By full name: refs whose commits the server has and could not be fetched.</summary>
    public IReadOnlyDictionary<string, UnfetchedRef> Unfetched { get; private init; } = ImmutableDictionary<string, UnfetchedRef>.Empty;

    public DateTimeOffset? ReadAt { get; private init; }

    public Dictionary<string, Revision> Commits { get; private init; } = [];

    /// <summary>The refs that somebody follows: named, or chosen by a range.</summary>
    public IReadOnlyList<GitRef> Followed => [.. Answered.Select(Find).Select(finding => finding.Ref).OfType<GitRef>().DistinctBy(found => found.Name)];

    /// <summary>Who asks for one of these is told why; the others follow theirs.</summary>
    public RepositoryListing Without(IReadOnlyDictionary<string, UnfetchedRef> unfetched) => this with { Unfetched = unfetched };

    public RepositoryListing Asking(IEnumerable<RefQuery> queries) => this with { Asked = Asked.Union(queries) };

    /// <summary>The prefixes to ask the server for. Nobody asks for anything yet: HEAD tells whether it can be reached.</summary>
    public static IReadOnlyList<string> PrefixesOf(IReadOnlySet<RefQuery> asked) =>
        asked.Count == 0 ? ["HEAD"] : [.. asked.SelectMany(RefNames.Prefixes).Distinct(StringComparer.Ordinal)];

    /// <summary>Takes over an answer; descriptions of commits that no ref names any more are dropped.</summary>
    public RepositoryListing Read(ImmutableHashSet<RefQuery> asked, IReadOnlyList<GitRef> refs, DateTimeOffset at)
    {
        var names = asked.SelectMany(RefNames.Candidates).ToHashSet(StringComparer.Ordinal);
        var ranges = asked.Where(RefNames.IsRange).Select(query => RefNames.Tags + query.TagPrefix).Distinct(StringComparer.Ordinal).ToArray();
        var kept = refs.Where(found => names.Contains(found.Name) || Array.Exists(ranges, range => found.Name.StartsWith(range, StringComparison.Ordinal)))
            .DistinctBy(found => found.Name).ToDictionary(found => found.Name, StringComparer.Ordinal);
        var named = kept.Values.Select(found => found.Commit).ToHashSet(StringComparer.Ordinal);
        return new RepositoryListing
        {
            Asked = Asked,
            Answered = asked,
            Refs = kept,
            ReadAt = at,
            Commits = Commits.Where(entry => named.Contains(entry.Key)).ToDictionary(StringComparer.Ordinal),
        };
    }

    /// <summary>Which ref a query names. Remembered: a range over ten thousand tags is asked for by a thousand applications.</summary>
    public RefFinding Find(RefQuery query)
    {
        if (!_findings.TryGetValue(query, out var finding)) _findings[query] = finding = RefNames.Find(query, Refs);
        return finding.Ref is { } found && Unfetched.TryGetValue(found.Name, out var failed) ? failed.Finding : finding;
    }
}

/// <summary>A ref whose commit could not be fetched, through no fault of the server's: it names no commit, or one that is too large.</summary>
public sealed record UnfetchedRef(GitRef Ref, RefFinding Finding, DateTimeOffset At)
{
    public bool IsOf(GitRef found) => Ref.Name == found.Name && Ref.Commit == found.Commit;
}
