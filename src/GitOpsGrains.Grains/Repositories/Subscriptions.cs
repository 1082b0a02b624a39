using System.Text.Json;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Documents.Json;

namespace GitOpsGrains.Grains.Repositories;

/// <summary>
/// Who reads what of a repository, in memory: what each application's sources read at the newest commits of their refs, and
/// that whose objects it has handed to its targets. An application that has not come back since this activation began counts
/// as changed.
/// </summary>
public sealed class Subscriptions
{
    private readonly Dictionary<string, Subscription> _byApplication = new(StringComparer.Ordinal);

    /// <summary>How many applications follow a ref.</summary>
    private readonly Dictionary<RefQuery, int> _followers = [];

    public IEnumerable<Subscription> All => _byApplication.Values;

    /// <summary>Of all of them, each once: asked for at each poll, when thousands of applications mostly follow one branch.</summary>
    public IReadOnlySet<RefQuery> Queries => _followers.Keys.ToHashSet();

    /// <param name="repository">Whose subscription it is: what the other sources read is theirs.</param>
    /// <param name="paths">As <see cref="Subscription.Paths"/>.</param>
    public Subscription Register(string application, string repository, RenderSubject subject, string tree, IReadOnlyList<string>? paths = null)
    {
        if (!_byApplication.TryGetValue(application, out var entry) || !entry.Reads(subject))
        {
            Remove(application);
            _byApplication[application] = entry = new Subscription(application, repository, subject);
            foreach (var query in entry.Queries) _followers[query] = _followers.GetValueOrDefault(query) + 1;
        }
        entry.Seen(subject, tree, paths);
        return entry;
    }

    public void Remove(string application)
    {
        if (!_byApplication.Remove(application, out var entry)) return;
        foreach (var query in entry.Queries)
            if (--_followers[query] == 0) _followers.Remove(query);
    }

    public Subscription? Find(string application) => _byApplication.GetValueOrDefault(application);

    public bool IsSettled(string application, string cluster) => Find(application)?.IsSettled(cluster) == true;
}

/// <summary>
/// One application's view of a repository. A tree is the digest of all that its render reads of it; "" stands for a path that
/// does not exist at the commit.
/// </summary>
public sealed class Subscription(string application, string repository, RenderSubject subject)
{
    // Options hold lists and maps, which records compare by reference.
    private readonly string _inputs = InputsOf(subject);

    private string? _seenTree;
    private string? _settledTree;
    private IReadOnlyList<string> _waiting = [];

    public string Application { get; } = application;

    /// <summary>All sources of the application: those of this repository at the newest commits that were looked at.</summary>
    public RenderSubject Subject { get; private set; } = subject;

    /// <summary>The sources of this repository.</summary>
    public IEnumerable<PinnedSource> Sources => Subject.Sources.Where(IsOurs);

    public IReadOnlyList<RefQuery> Queries { get; } =
        [.. subject.Sources.Where(pinned => pinned.Source.Repository == repository).Select(pinned => RefQuery.Of(pinned.Source)).Distinct()];

    /// <summary>By source, its place among the queries; -1 for those of other repositories. The sources of a subscription stay the same.</summary>
    private int[] Places => field ??= [.. Subject.Sources.Select(pinned => IsOurs(pinned) ? Queries.ToList().IndexOf(RefQuery.Of(pinned.Source)) : -1)];

    /// <summary>A commit that touches none of these changes nothing for the application; null when that can't be said.</summary>
    public IReadOnlyList<string>? Paths { get; private set; }

    public bool Reads(RenderSubject other) => _inputs == InputsOf(other);

    public string CommitOf(RefQuery query)
    {
        for (var place = 0; place < Queries.Count; place++)
            if (Queries[place] == query) return Subject.Sources[Array.IndexOf(Places, place)].Commit;
        throw new ArgumentException("no source of this repository has such a ref", nameof(query));
    }

    /// <summary>The same sources, those with a moved ref at its new commit.</summary>
    public RenderSubject At(IReadOnlyList<Move> moves)
    {
        var sources = Subject.Sources.ToArray();
        foreach (var move in moves)
            for (var index = 0; index < sources.Length; index++)
                if (Places[index] >= 0 && Queries[Places[index]] == move.Query) sources[index] = sources[index] with { Commit = move.To };
        return Subject with { Sources = sources };
    }

    /// <summary>Notes what the sources read; true when that is another tree than before.</summary>
    public bool Seen(RenderSubject at, string tree, IReadOnlyList<string>? paths = null)
    {
        var changed = _seenTree != tree;
        (Subject, _seenTree, Paths) = (at, tree, paths);
        return changed;
    }

    /// <summary>Commits that change nothing of what is read.</summary>
    public void PassOn(RenderSubject at) => Subject = at;

    /// <summary>The application has handed down what it rendered from this tree, but for some clusters that wait.</summary>
    public void Settle(string tree, IReadOnlyList<string> except) => (_settledTree, _waiting) = (tree, except);

    public bool IsSettled(string cluster) => _seenTree is not null && _seenTree == _settledTree && !_waiting.Contains(cluster);

    private bool IsOurs(PinnedSource pinned) => pinned.Source.Repository == repository;

    /// <summary>Which commits, and for which clusters, makes no other reader.</summary>
    private static string InputsOf(RenderSubject subject) =>
        JsonSerializer.Serialize(subject.Sources.Select(pinned => pinned.Source), DocumentJson.Options) + $"\n{subject.Scope.Application}\n{subject.Scope.Namespace}";
}
