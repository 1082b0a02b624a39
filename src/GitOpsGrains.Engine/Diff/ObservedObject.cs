using System.Globalization;
using System.Text.Json;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Health;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <summary>
/// What is kept of each watched object: enough to tell whether it is still as it was written, in about 130 bytes.
/// Hashes are the first 128 bits of a SHA-256. The id is the key that it is kept under.
/// </summary>
public sealed class ObservedObject
{
    private readonly Guid _uid;
    private readonly string? _otherUid;
    private readonly ulong _version;
    private readonly string? _otherVersion;

    private ObservedObject(string uid, string version)
    {
        // Servers make UUIDs and numbers; whatever else comes is kept as it is.
        if (!Guid.TryParseExact(uid, "D", out _uid) || _uid.ToString() != uid) _otherUid = uid;
        if (!ulong.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out _version)
            || version is ['0', _, ..]) _otherVersion = version;
    }

    public string Uid => _otherUid ?? _uid.ToString();

    public bool HasUid(string uid)
    {
        if (_otherUid is not null) return _otherUid == uid;
        Span<char> own = stackalloc char[36];
        return _uid.TryFormat(own, out _) && uid.AsSpan().SequenceEqual(own);
    }

    public string ResourceVersion => _otherVersion ?? _version.ToString(CultureInfo.InvariantCulture);

    /// <summary>Null for kinds that have none.</summary>
    public long? Generation => GenerationOrNone < 0 ? null : GenerationOrNone;

    /// <summary>Of our managedFields entries (fieldsV1, apiVersion, time); 0 if there is none.</summary>
    public UInt128 Entry { get; private init; }

    /// <summary>Of the values of the labels, annotations, finalizers and owner references that our entries own.</summary>
    public UInt128 OwnedMetadata { get; private init; }

    /// <summary>Of the content; 0 if only metadata was seen.</summary>
    public UInt128 Content { get; private init; }

    /// <summary>The version that it was seen in.</summary>
    public string ApiVersion { get; private init; } = "";

    /// <summary>Seen whole, not as metadata only.</summary>
    public bool IsFull { get; private init; }

    public bool IsDeleting { get; private init; }

    /// <summary>Carries <see cref="Tracking.ManagedLabel"/>.</summary>
    public bool IsLabelled { get; private init; }

    /// <summary>installation/project/application that its annotation names, or null; a copied annotation counts as none.</summary>
    public string? Owner { get; private init; }

    /// <summary>
    /// Others own fields that we own too, or a tool before us left an entry: a path that Git drops would stay, so the
    /// object is read whole before it is written.
    /// </summary>
    public bool HasRivals { get; private init; }

    /// <summary>Carries an annotation that may change how it is written: the object is read whole before it is.</summary>
    public bool HasPolicy { get; private init; }

    /// <summary>Null for kinds without health, where only metadata was seen, and where it was not asked for.</summary>
    public ObjectHealth? Health { get; private init; }

    /// <summary>It is no hook, and none of its annotations leaves its health out of its application's.</summary>
    public bool CountsForHealth { get; private init; }

    private long GenerationOrNone { get; init; }

    /// <param name="full">The object was read whole; false for PartialObjectMetadata.</param>
    /// <param name="health">What assesses it; null where only the proof is asked for.</param>
    /// <param name="intern">Makes equal owners one string; null leaves them be.</param>
    public static ObservedObject From(LiveObject live, bool full, HealthAssessor? health, Func<string, string>? intern = null)
    {
        var own = ManagedFields.AllOwn(live);
        var applied = own.Count > 0 && own[0].IsOwn ? own[0] : null;
        var owner = TrackingId.OwnerOf(live)?.ToString();
        return new ObservedObject(live.Uid, live.ResourceVersion)
        {
            GenerationOrNone = live.Generation ?? -1,
            Entry = own.Count == 0 ? default : EntryHash(own),
            OwnedMetadata = own.Count == 0 ? default : Half(Diff.OwnedMetadata.Hash(live, own)),
            Content = full ? Half(ContentHash.Of(live)) : default,
            ApiVersion = live.ApiVersion,
            IsFull = full,
            IsDeleting = live.IsDeleting,
            IsLabelled = live.Label(Tracking.ManagedLabel) == Tracking.ManagedValue,
            HasRivals = applied is null || ManagedFields.HasRivals(live, applied),
            HasPolicy = LivePolicy.IsNamedOn(live),
            Owner = owner is null || intern is null ? owner : intern(owner),
            Health = full ? health?.Assess(live) : null,
            CountsForHealth = HealthAnnotations.Counts(live),
        };
    }

    private static UInt128 EntryHash(IReadOnlyList<ManagedFieldsEntry> own)
    {
        using var digest = new DigestBuilder();
        foreach (var entry in own)
        {
            using var fields = Scratch.Take();
            CanonicalJson.Write(entry.FieldsJson, fields.Output);
            digest.Add(fields.Output.WrittenSpan).Add(entry.ApiVersion).Add(entry.Time);
            // The same fields under another operation are another ownership.
            if (entry.IsOwnUpdate) digest.Add(entry.Operation);
        }
        return Half(digest.Finish());
    }

    private static UInt128 Half(Digest digest) => new(digest.A, digest.B);
}
