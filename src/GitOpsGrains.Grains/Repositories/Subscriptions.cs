using System.Text.Json;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Json;

namespace GitOpsGrains.Grains.Repositories;

/// <summary>
/// Who reads what of a repository, in memory: the tree that each application's source names at the newest commit of its
/// ref, and the tree whose objects it has handed to its targets. An application that has not come back since this
/// activation began counts as changed.
/// </summary>
public sealed class Subscriptions
{
    private readonly Dictionary<string, Subscription> _byApplication = new(StringComparer.Ordinal);

    public IEnumerable<Subscription> All => _byApplication.Values;

    public IReadOnlySet<RefQuery> Queries => _byApplication.Values.Select(entry => RefQuery.Of(entry.Source)).ToHashSet();

    public Subscription Register(RenderOrder order, string tree)
    {
        if (!_byApplication.TryGetValue(order.Application, out var entry) || !entry.Reads(order))
            _byApplication[order.Application] = entry = new Subscription(order);
        entry.Seen(order.Commit, tree);
        return entry;
    }

    public void Remove(string application) => _byApplication.Remove(application);

    public Subscription? Find(string application) => _byApplication.GetValueOrDefault(application);

    public bool IsSettled(string application) => Find(application) is { IsSettled: true };
}

/// <summary>
/// One application's view of the repository. A tree is the digest of all that its render reads; "" stands for a path that
/// does not exist at the commit.
/// </summary>
public sealed class Subscription(RenderOrder order)
{
    // Options hold lists and maps, which records compare by reference.
    private readonly string _inputs = InputsOf(order);

    private string? _seenTree;
    private string? _settledTree;

    public string Application { get; } = order.Application;
    public SourceSpec Source { get; } = order.Source;
    public RenderScope Scope { get; } = order.Scope;
    public string Commit { get; private set; } = "";
    public bool IsSettled => _seenTree is not null && _seenTree == _settledTree;

    public bool Reads(RenderOrder order) => _inputs == InputsOf(order);

    /// <summary>Notes what the source names at a commit; true when that is another tree than before.</summary>
    public bool Seen(string commit, string tree)
    {
        var changed = _seenTree != tree;
        (Commit, _seenTree) = (commit, tree);
        return changed;
    }

    /// <summary>The application has handed down what it rendered from this tree.</summary>
    public void Settle(string tree) => _settledTree = tree;

    private static string InputsOf(RenderOrder order) =>
        JsonSerializer.Serialize(order.Source, DocumentJson.Options) + JsonSerializer.Serialize(order.Scope, DocumentJson.Options);
}
