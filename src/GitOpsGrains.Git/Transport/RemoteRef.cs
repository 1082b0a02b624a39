using GitOpsGrains.Abstractions.Ports.Git;

namespace GitOpsGrains.Git.Transport;

/// <summary>A ref as the server lists it: <see cref="Id"/> may be an annotated tag's, <see cref="Peeled"/> is then what it points to.</summary>
internal sealed record RemoteRef(string Name, string Id, string? Peeled)
{
    public string Commit => Peeled ?? Id;
}

/// <summary>What a server listed. <see cref="Head"/> is the ref that HEAD stands for.</summary>
internal sealed record RemoteRefs(IReadOnlyList<RemoteRef> Refs, string? Head)
{
    public RemoteRefs Under(IReadOnlyList<string> prefixes) => prefixes.Count == 0
        ? this
        : this with { Refs = [.. Refs.Where(item => prefixes.Any(prefix => item.Name.StartsWith(prefix, StringComparison.Ordinal)))] };

    /// <summary>The annotated tags, by their refs' names.</summary>
    public Dictionary<string, RemoteRef> Tags() => Refs.Where(item => item.Peeled is not null).DistinctBy(item => item.Name).ToDictionary(item => item.Name, StringComparer.Ordinal);

    public RefListing ToListing() => new([.. Refs.Select(item => new GitRef(item.Name, item.Commit, item.Peeled is null ? null : item.Id))], Head);
}

/// <summary>Checks of the names and ids that come from a server or a caller.</summary>
internal static class RefSyntax
{
    private const int MaxNameLength = 1024;

    public static bool IsObjectId(string text) => text.Length is 40 or 64 && text.All(char.IsAsciiHexDigitLower);

    /// <summary>The rules of git check-ref-format, for "HEAD" and names below "refs/".</summary>
    public static bool IsRefName(string name) =>
        name == "HEAD"
        || (name.Length <= MaxNameLength
            && name.StartsWith("refs/", StringComparison.Ordinal)
            && !name.Contains("..", StringComparison.Ordinal)
            && !name.Contains("@{", StringComparison.Ordinal)
            && !name.EndsWith('.')
            && name.IndexOfAny([' ', '~', '^', ':', '?', '*', '[', '\\']) < 0
            && !name.Any(char.IsControl)
            && name.Split('/').All(part => part.Length > 0 && part[0] != '.' && !part.EndsWith(".lock", StringComparison.Ordinal)));
}
