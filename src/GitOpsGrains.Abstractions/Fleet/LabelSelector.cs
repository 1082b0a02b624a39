namespace GitOpsGrains.Abstractions.Fleet;

/// <summary>
/// Kubernetes' equality-based label selectors: <c>key=value</c>, <c>key==value</c>, <c>key!=value</c>, <c>key</c>,
/// <c>!key</c>, joined by commas.
/// </summary>
public sealed class LabelSelector
{
    private readonly List<Func<IReadOnlyDictionary<string, string>, bool>> _terms = [];

    /// <summary>Errors: <see cref="GrainRefusedException"/> naming the term.</summary>
    public static LabelSelector Parse(string? text)
    {
        var selector = new LabelSelector();
        foreach (var term in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            selector._terms.Add(ParseTerm(term));
        return selector;
    }

    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        // Asked of each of ten thousand rows: a closure for each would be most of what a list allocates.
        foreach (var term in _terms)
            if (!term(labels)) return false;
        return true;
    }

    private static Func<IReadOnlyDictionary<string, string>, bool> ParseTerm(string term)
    {
        var unequal = term.IndexOf("!=", StringComparison.Ordinal);
        if (unequal > 0) return Compare(term[..unequal], term[(unequal + 2)..], equal: false);
        var equal = term.IndexOf('=', StringComparison.Ordinal);
        if (equal > 0) return Compare(term[..equal], term[(equal + 1)..].TrimStart('='), equal: true);
        if (term.Any(letter => letter is ' ' or '(' or ')' or '=') || term is "!")
            throw new GrainRefusedException(RefusalKind.Invalid, $"selector: '{term}' is not key=value, key!=value, key or !key");
        return term[0] == '!' ? labels => !labels.ContainsKey(term[1..]) : labels => labels.ContainsKey(term);
    }

    private static Func<IReadOnlyDictionary<string, string>, bool> Compare(string key, string value, bool equal)
    {
        var (name, wanted) = (key.Trim(), value.Trim());
        return labels => (labels.TryGetValue(name, out var actual) && actual == wanted) == equal;
    }
}
