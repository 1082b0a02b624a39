using System.Globalization;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <summary>
/// The proof that an object is in sync: what it was like in the answer to our own write. Stored; no positional members.
/// Hashes are 32 hexadecimal digits.
/// </summary>
public sealed record ObjectProof
{
    /// <summary>Of the manifest that was applied.</summary>
    public Digest Desired { get; init; }
    public string Uid { get; init; } = "";
    public string ResourceVersion { get; init; } = "";
    public long? Generation { get; init; }
    public string Entry { get; init; } = "";
    public string OwnedMetadata { get; init; } = "";
    public string Content { get; init; } = "";

    /// <summary>The version that <see cref="Content"/> is written in: another one shows the same object with other fields.</summary>
    public string ApiVersion { get; init; } = "";

    /// <summary>What was left to others when it was made (<see cref="ObjectIgnores.Key"/>): under other rules it proves nothing.</summary>
    public string Rules { get; init; } = "";

    /// <summary>
    /// Our entry lacks some of our metadata, so nothing but the resourceVersion vouches for it: every later write by
    /// anybody is a question.
    /// </summary>
    public bool IsOfVersion { get; init; }

    /// <param name="live">The whole object, as a write or a read answered it.</param>
    public static ObjectProof Of(DesiredObject desired, LiveObject live) => Of(desired, live, ObservedObject.From(live, full: true, health: null));

    /// <param name="observed">What was made of <paramref name="live"/>.</param>
    public static ObjectProof Of(DesiredObject desired, LiveObject live, ObservedObject observed) =>
        Of(desired.Hash, observed) with { IsOfVersion = !Diff.OwnedMetadata.IsComplete(ManagedFields.AllOwn(live), desired) };

    /// <param name="live">The whole object, as a write or a read answered it.</param>
    public static ObjectProof Of(Digest desired, LiveObject live) => Of(desired, ObservedObject.From(live, full: true, health: null));

    /// <param name="observed">A full one; metadata alone gives a proof that only metadata can be held against.</param>
    public static ObjectProof Of(Digest desired, ObservedObject observed) => new()
    {
        Desired = desired,
        Uid = observed.Uid,
        ResourceVersion = observed.ResourceVersion,
        Generation = observed.Generation,
        Entry = Text(observed.Entry),
        OwnedMetadata = Text(observed.OwnedMetadata),
        Content = observed.IsFull ? Text(observed.Content) : "",
        ApiVersion = observed.ApiVersion,
    };

    /// <summary>
    /// The same object says the same and carries our labels and annotations as we wrote them; who wrote it last, and when,
    /// may differ.
    /// </summary>
    public bool HasContentOf(ObservedObject observed) =>
        !IsOfVersion && observed is { IsFull: true, IsDeleting: false } && ApiVersion == observed.ApiVersion && Uid == observed.Uid && Content == Text(observed.Content) && OwnedMetadata == Text(observed.OwnedMetadata);

    /// <summary>As comparing with <see cref="Text"/>, of which a plan would make four for each of its objects.</summary>
    internal static bool IsText(UInt128 half, string text)
    {
        Span<char> hex = stackalloc char[32];
        return half.TryFormat(hex, out var length, "x32", CultureInfo.InvariantCulture) && text.AsSpan().SequenceEqual(hex[..length]);
    }

    internal static string Text(UInt128 half) => half.ToString("x32", CultureInfo.InvariantCulture);
}
