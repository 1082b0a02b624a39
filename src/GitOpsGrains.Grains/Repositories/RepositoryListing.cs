using System.Collections.Immutable;
using GitOpsGrains.Abstractions.Repositories;

namespace GitOpsGrains.Grains.Repositories;

/// <summary>What the server last said: for the full ref names that were asked for, those that exist and their commits.</summary>
public sealed record RepositoryListing(
    ImmutableHashSet<string> Asked, IReadOnlyDictionary<string, string> Refs, DateTimeOffset? ReadAt, Dictionary<string, Revision> Commits)
{
    public static RepositoryListing None => new([], ImmutableDictionary<string, string>.Empty, null, []);

    public RepositoryListing Asking(IEnumerable<string> names) => this with { Asked = Asked.Union(names) };

    /// <summary>Takes over an answer; descriptions of commits that no ref names any more are dropped.</summary>
    public RepositoryListing Read(IReadOnlyDictionary<string, string> refs, DateTimeOffset at)
    {
        var named = refs.Values.ToHashSet(StringComparer.Ordinal);
        return this with
        {
            Refs = refs,
            ReadAt = at,
            Commits = Commits.Where(entry => named.Contains(entry.Key)).ToDictionary(StringComparer.Ordinal),
        };
    }
}
