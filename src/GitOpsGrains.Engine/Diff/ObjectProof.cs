using System.Text.Json.Serialization;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <summary>
/// The proof that an object is in sync: what it was like in the answer to our own write. Stored; no positional members.
/// Hashes are 32 hexadecimal digits in JSON.
/// </summary>
public sealed record ObjectProof
{
    /// <summary>Of the manifest that was applied.</summary>
    public Digest Desired { get; init; }
    public string Uid { get; init; } = "";
    public string ResourceVersion { get; init; } = "";
    public long? Generation { get; init; }

    [JsonConverter(typeof(ProofHashJsonConverter))]
    public ProofHash? Entry { get; init; }

    [JsonConverter(typeof(ProofHashJsonConverter))]
    public ProofHash? OwnedMetadata { get; init; }

    /// <summary>Null where metadata alone was seen.</summary>
    [JsonConverter(typeof(ProofHashJsonConverter))]
    public ProofHash? Content { get; init; }

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
        Entry = new ProofHash(observed.Entry),
        OwnedMetadata = new ProofHash(observed.OwnedMetadata),
        Content = observed.IsFull ? new ProofHash(observed.Content) : null,
        ApiVersion = observed.ApiVersion,
    };

    /// <summary>
    /// The same object says the same and carries our labels and annotations as we wrote them; who wrote it last, and when,
    /// may differ.
    /// </summary>
    public bool HasContentOf(ObservedObject observed) =>
        !IsOfVersion && observed is { IsFull: true, IsDeleting: false } && ApiVersion == observed.ApiVersion && Uid == observed.Uid && Content?.Value == observed.Content && OwnedMetadata?.Value == observed.OwnedMetadata;
}
