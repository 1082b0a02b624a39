using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Desired;

/// <summary>Whether an object may be deleted to be made again. Whatever is not clearly ours and safe to delete is not.</summary>
public static class RecreateRules
{
    private static readonly HashSet<(string Group, string Kind)> Irreplaceable =
    [
        ("", "Namespace"), ("apiextensions.k8s.io", "CustomResourceDefinition"), ("", "PersistentVolume"), ("", "PersistentVolumeClaim"),
    ];

    /// <summary>Its contents would go with it: it is only ever updated.</summary>
    public static bool IsIrreplaceable(DesiredObject desired) => Irreplaceable.Contains((desired.Id.Group, desired.Id.Kind));

    /// <summary>Why it may not be, for people; null when it may.</summary>
    public static string? Refusal(DesiredObject desired, LiveObject live, TrackingOwner owner)
    {
        if (IsIrreplaceable(desired)) return $"a {desired.Id.Kind} is never deleted to be made again";
        if (TrackingId.OwnerOf(live) != owner) return "it is not this application's yet, so it is not deleted to be made again";
        var annotations = LiveAnnotations.Of(live);
        return (ObjectAnnotations.KeptBy(annotations) ?? ObjectAnnotations.KeptBy(desired.Annotations)) is { } keeper
            ? $"its annotation says {keeper}, so it is not deleted to be made again"
            : ObjectAnnotations.NeedsConfirmation(annotations) || ObjectAnnotations.NeedsConfirmation(desired.Annotations)
                ? "its annotation asks for confirmation before it is deleted, so it is not deleted to be made again"
                : null;
    }
}
