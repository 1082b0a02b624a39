using System.Collections.Concurrent;
using GitOpsGrains.Abstractions.Credentials;
using GitOpsGrains.Documents;

namespace GitOpsGrains.Grains.Credentials;

/// <summary>The documents at one moment. Each URL is looked for once.</summary>
public sealed class TemplateSnapshot(TemplateList list)
{
    private const int MaxKnown = 20_000;
    private readonly PrefixMatch _prefixes = new(list.Documents);
    private readonly ConcurrentDictionary<string, RepositoryCredentialsDocument?> _known = new(StringComparer.Ordinal);

    public string Version => list.Version;

    /// <summary>That of the longest prefix that the URL lies below, or null.</summary>
    public RepositoryCredentialsDocument? Find(string url)
    {
        if (_known.TryGetValue(url, out var known)) return known;
        if (_known.Count >= MaxKnown) _known.Clear();
        return _known[url] = _prefixes.Longest(url);
    }
}
