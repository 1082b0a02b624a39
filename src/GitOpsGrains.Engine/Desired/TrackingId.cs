using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Desired;

/// <summary>Who wants an object: an application of a project of an installation. Text: <c>installation/project/application</c>.</summary>
public sealed record TrackingOwner(string Installation, string Project, string Application)
{
    public override string ToString() => $"{Installation}/{Project}/{Application}";
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
        var owner = text[..colon].Split('/');
        if (owner.Length != 3 || !Array.TrueForAll(owner, GrainKeys.IsSegment)) return null;
        return ResourceId.TryParse(text[(colon + 1)..], out var id) ? new TrackingId(new TrackingOwner(owner[0], owner[1], owner[2]), id) : null;
    }

    /// <summary>
    /// The owner that a live object names, or null: it names none, or the annotation was copied from another object.
    /// </summary>
    public static TrackingOwner? OwnerOf(LiveObject live) =>
        Parse(live.Annotation(Tracking.TargetAnnotation)) is { } id && id.Object == live.Id ? id.Owner : null;
}
