namespace GitOpsGrains.Engine.Desired;

/// <summary>The names that our objects carry in every cluster. Persisted there: they never change.</summary>
public static class Tracking
{
    public const string FieldManager = "gitopsgrains";
    public const string ManagedLabel = "gitopsgrains.io/managed";
    public const string ManagedValue = "true";

    /// <summary>Restricts a list or watch to what this product manages, of any installation.</summary>
    public const string Selector = $"{ManagedLabel}={ManagedValue}";

    /// <summary>Holds a <see cref="TrackingId"/>.</summary>
    public const string TargetAnnotation = "gitopsgrains.io/target";

    /// <summary>Holds the hash of the desired manifest.</summary>
    public const string DigestAnnotation = "gitopsgrains.io/digest";
}
