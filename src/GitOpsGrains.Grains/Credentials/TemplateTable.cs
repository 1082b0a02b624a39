using System.Collections.Concurrent;
using GitOpsGrains.Documents;

namespace GitOpsGrains.Grains.Credentials;

/// <summary>
/// All RepositoryCredentials as the grain in this silo has stored them last; null while it is not here. The grain replaces it before
/// it acknowledges a change, so nothing in it is ever stale.
/// </summary>
public sealed class TemplateTable
{
    private volatile TemplateSnapshot? _current;

    public TemplateSnapshot? Current
    {
        get => _current;
        set => _current = value;
    }
}

/// <summary>The documents at one moment. Each URL is looked for once.</summary>
public sealed class TemplateSnapshot(IReadOnlyCollection<RepositoryCredentialsDocument> documents)
{
    private const int MaxKnown = 20_000;
    private readonly PrefixMatch _prefixes = new(documents);
    private readonly ConcurrentDictionary<string, RepositoryCredentialsDocument?> _known = new(StringComparer.Ordinal);

    /// <summary>That of the longest prefix that the URL lies below, or null.</summary>
    public RepositoryCredentialsDocument? Find(string url)
    {
        if (_known.TryGetValue(url, out var known)) return known;
        if (_known.Count >= MaxKnown) _known.Clear();
        return _known[url] = _prefixes.Longest(url);
    }
}
