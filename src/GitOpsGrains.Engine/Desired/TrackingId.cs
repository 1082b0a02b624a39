using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Desired;

/// <summary>Who wants an object: an application of a project of an installation. Text: <c>installation/project/application</c>.</summary>
public sealed record TrackingOwner(string Installation, string Project, string Application)
{
    public override string ToString() => $"{Installation}/{Project}/{Application}";

    /// <summary>Null for whatever is not the text of an owner.</summary>
    public static TrackingOwner? Parse(string? text) =>
        text?.Split('/') is { Length: 3 } parts && Array.TrueForAll(parts, GrainKeys.IsSegment) ? new TrackingOwner(parts[0], parts[1], parts[2]) : null;
}

/// <summary>
/// The value of the annotation <see cref="Tracking.TargetAnnotation"/>:
/// <c>installation/project/application:group/Kind:namespace/name</c>.
/// </summary>
public sealed record TrackingId(TrackingOwner Owner, ResourceId Object)
{
    // Three names of 63, a group of 253, a kind of 63, a namespace of 63, a name of 253, and separators.
    private const int MaxLength = 1024;

    public override string ToString() => $"{Owner}:{Object}";

    /// <summary>Anyone can write an annotation: null for whatever is not exactly of this form.</summary>
    public static TrackingId? Parse(string? text)
    {
        if (text is null or { Length: 0 or > MaxLength }) return null;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0) return null;
        if (TrackingOwner.Parse(text[..colon]) is not { } owner) return null;
        return ResourceId.TryParse(text[(colon + 1)..], out var id) ? new TrackingId(owner, id) : null;
    }

    /// <summary>
    /// The owner that a live object names, or null: it names none, or the annotation was copied from another object.
    /// </summary>
    public static TrackingOwner? OwnerOf(LiveObject live) =>
        Parse(live.Annotation(Tracking.TargetAnnotation)) is { } id && id.Object == live.Id ? id.Owner : null;
}
