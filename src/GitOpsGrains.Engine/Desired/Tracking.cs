using System.Text;
using GitOpsGrains.Abstractions.Identity;

namespace GitOpsGrains.Engine.Desired;

/// <summary>The names that our objects carry in every cluster. Persisted there: they never change.</summary>
public static class Tracking
{
    public const string FieldManager = "gitopsgrains";
    /// <summary>Begins the manager of what an application wants of a namespace that is not its own: one for each, so that none drops another's.</summary>
    private const string NamespaceManagerPrefix = "gitopsgrains-namespace/";

    /// <summary>The API server's limit on the name of a field manager.</summary>
    private const int MaxManagerLength = 128;

    public const string ManagedLabel = "gitopsgrains.io/managed";
    public const string ManagedValue = "true";

    /// <summary>Restricts a list or watch to what this product manages, of any installation.</summary>
    public const string Selector = $"{ManagedLabel}={ManagedValue}";

    /// <summary>Holds a <see cref="TrackingId"/>.</summary>
    public const string TargetAnnotation = "gitopsgrains.io/target";

    /// <summary>Holds the hash of the desired manifest.</summary>
    public const string DigestAnnotation = "gitopsgrains.io/digest";

    /// <summary>On hooks: the run that made the object, so that it is known again when its creation was not answered or not stored.</summary>
    public const string HookRunAnnotation = "gitopsgrains.io/hook-run";

    /// <summary>The manager of managedNamespaceMetadata of an application.</summary>
    public static string NamespaceManager(TrackingOwner owner)
    {
        var text = owner.ToString();
        return NamespaceManagerPrefix + (text.Length <= MaxManagerLength - NamespaceManagerPrefix.Length ? text : Digest.Of(Encoding.UTF8.GetBytes(text)).ToString());
    }

    public static bool IsNamespaceManager(string manager) => manager.StartsWith(NamespaceManagerPrefix, StringComparison.Ordinal);
}
