using System.Globalization;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Plan;

public enum DeletionWord
{
    /// <summary>Nobody has said anything against deleting it.</summary>
    Free,
    /// <summary>A person is to say yes first.</summary>
    Confirm,
    /// <summary>It stays.</summary>
    Keep,
}

/// <summary>
/// What is said about deleting one object: by the annotations of the live object and of the manifest that was applied last,
/// and by the options of the application.
/// </summary>
/// <remarks>
/// An annotation of the object that keeps it keeps it from both, a prune and the deletion of the application: in Argo CD
/// <c>Prune=</c> speaks of the first and <c>Delete=</c> of the second only, in Flux and Helm one word speaks of both, and an
/// object that is left too much can still be deleted. The options of an application mean exactly what they mean in Argo CD.
/// </remarks>
/// <param name="Reason">For people; "" for Free.</param>
/// <param name="AcceptsAnnotation">Confirm only: <see cref="ApprovedAnnotations"/> on the live object are a yes.</param>
public sealed record DeletionWish(DeletionWord Word, string Reason, bool AcceptsAnnotation = false)
{
    private const string FluxPrefix = "kustomize.toolkit.fluxcd.io/";
    /// <summary>What is said of an object that a person put back.</summary>
    public const string RestoredReason = "restored by hand; put it into Git or delete it";

    private static readonly Dictionary<string, string> NoAnnotations = [];

    private static readonly DeletionWish Free = new(DeletionWord.Free, "");

    /// <summary>Hold the time of a person's yes (RFC 3339), Argo CD's name and ours.</summary>
    public static IReadOnlyList<string> ApprovedAnnotations { get; } = ["gitopsgrains.io/deletion-approved", "argocd.argoproj.io/deletion-approved"];

    /// <param name="wishes">Of the manifest that was applied last: <see cref="WishesOf"/>.</param>
    public static DeletionWish Of(PruneCause cause, LiveObject live, IReadOnlyDictionary<string, string>? wishes, SyncOptionSet options)
    {
        var own = LiveAnnotations.Of(live);
        wishes ??= own;
        if (ObjectAnnotations.KeptBy(own) is { } keeper)
            return new DeletionWish(DeletionWord.Keep, own.ContainsKey(Tombstone.RestoredAnnotation) ? RestoredReason : $"its annotation says {keeper}");
        var name = cause == PruneCause.LeftGit ? "Prune" : "Delete";
        var option = (ObjectAnnotations.Option(own, name) ?? ObjectAnnotations.Option(wishes, name)) is null ? options.Value(name, NoAnnotations) : null;
        if (option == "false") return new DeletionWish(DeletionWord.Keep, $"the application's options say {name}=false");
        if (ObjectAnnotations.KeptBy(wishes) is { } wish)
            // In Git it still stands there when the application goes; of a manifest that left Git a person may know better.
            return cause == PruneCause.TargetDeleted
                ? new DeletionWish(DeletionWord.Keep, $"its manifest says {wish}")
                : new DeletionWish(DeletionWord.Confirm, $"its manifest said {wish}, and the live object does not say it any more");
        if (ObjectAnnotations.NeedsConfirmation(own) || ObjectAnnotations.NeedsConfirmation(wishes))
            return new DeletionWish(DeletionWord.Confirm, "its annotation asks for confirmation", AcceptsAnnotation: true);
        return option == "confirm" ? new DeletionWish(DeletionWord.Confirm, "the application's options ask for confirmation", AcceptsAnnotation: true) : Free;
    }

    /// <summary>Of a manifest's annotations those that speak of deleting; null if none does.</summary>
    public static IReadOnlyDictionary<string, string>? WishesOf(IReadOnlyDictionary<string, string> annotations)
    {
        if (ObjectAnnotations.KeptBy(annotations) is null && !ObjectAnnotations.NeedsConfirmation(annotations)
            && ObjectAnnotations.Option(annotations, "Prune") is null && ObjectAnnotations.Option(annotations, "Delete") is null) return null;
        return annotations.Where(entry => IsOfDeletion(entry.Key)).ToDictionary(StringComparer.Ordinal);
    }

    /// <summary>When a person last said yes by an annotation of the live object; null: never.</summary>
    public static DateTimeOffset? ApprovedAt(LiveObject live)
    {
        DateTimeOffset? newest = null;
        foreach (var name in ApprovedAnnotations)
            if (live.Annotation(name) is { } text && text.Contains('T', StringComparison.Ordinal)
                && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) && (newest is null || at > newest))
                newest = at;
        return newest;
    }

    private static bool IsOfDeletion(string name) =>
        name.StartsWith(FluxPrefix, StringComparison.Ordinal) || name.EndsWith("/sync-options", StringComparison.Ordinal)
        || name is "gitopsgrains.io/prune" or "helm.sh/resource-policy";
}
