using System.Collections.Immutable;
using System.Text;
using GitOpsGrains.Abstractions.Identity;

namespace GitOpsGrains.Engine.Manifests;

public enum ReadKind
{
    Blob,
    Tree,
}

/// <summary>One thing that a render has read, or looked for.</summary>
/// <param name="Repository">The repository's name.</param>
/// <param name="Path">As it was asked for, '/' separated, from the repository's root ("" is the root).</param>
/// <param name="ObjectId">What Git had there; "" when it had nothing.</param>
public sealed record ReadSetEntry(string Repository, string Path, string ObjectId, ReadKind Kind);

/// <summary>
/// All that a render reads: while the digest is the same, so is what it reads. Immutable, in the order of first reading.
/// </summary>
public sealed class ReadSet : IEquatable<ReadSet>
{
    public static ReadSet Empty { get; } = new([]);

    public ReadSet(ImmutableArray<ReadSetEntry> entries)
    {
        Entries = entries;
        Digest = DigestOf(entries);
    }

    public ImmutableArray<ReadSetEntry> Entries { get; }

    /// <summary>Of one tree or blob its id itself, of more a hash over all; "" when nothing that was looked for exists.</summary>
    public string Digest { get; }

    public static ReadSet Of(ReadSetEntry entry) => new([entry]);

    public bool Equals(ReadSet? other) => other is not null && Digest == other.Digest;

    public override bool Equals(object? obj) => Equals(obj as ReadSet);

    public override int GetHashCode() => Digest.GetHashCode(StringComparison.Ordinal);

    private static string DigestOf(ImmutableArray<ReadSetEntry> entries)
    {
        if (entries.Length == 1) return entries[0].ObjectId;
        if (entries.All(entry => entry.ObjectId.Length == 0)) return "";
        var text = new StringBuilder();
        // A path of Git's can't hold the character that ends it here.
        foreach (var entry in entries) text.Append(entry.Repository).Append('\0').Append(entry.Path).Append('\0').Append(entry.ObjectId).Append('\n');
        return Abstractions.Identity.Digest.Of(text.ToString()).ToString();
    }
}
