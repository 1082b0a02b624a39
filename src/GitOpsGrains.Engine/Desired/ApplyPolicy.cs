namespace GitOpsGrains.Engine.Desired;

/// <summary>How an object is written.</summary>
public enum ApplyStrategy
{
    /// <summary>Server-side apply; what tools before us own is taken over.</summary>
    Apply,
    /// <summary>Server-side apply that leaves what others own beside us to them: nothing is taken over.</summary>
    Merge,
    /// <summary>The whole object is put in the place of the live one; it keeps its uid.</summary>
    Replace,
    /// <summary>The object is deleted and made again whenever it has to be written.</summary>
    Recreate,
    /// <summary>Made when it is not there, and left alone for ever after.</summary>
    IfNotPresent,
    /// <summary>Never written, compared or deleted.</summary>
    Ignore,
}

/// <summary>
/// What the annotations of an object and the options of its application say about writing it (facts: Argo CD's sync-options,
/// Flux's kustomize.toolkit.fluxcd.io annotations). The default value is a plain apply.
/// </summary>
/// <param name="ForceOnImmutable">A change that the server refuses on the live object, but not on a new one, may delete it and make it again.</param>
/// <param name="Reason">The annotation that says Ignore or IfNotPresent, as <c>name: value</c>; else null.</param>
public readonly record struct ApplyPolicy(ApplyStrategy Strategy, bool ForceOnImmutable = false, string? Reason = null)
{
    private const string OwnReconcile = "gitopsgrains.io/reconcile";
    private const string FluxReconcile = "kustomize.toolkit.fluxcd.io/reconcile";
    private const string OwnSsa = "gitopsgrains.io/ssa";
    private const string FluxSsa = "kustomize.toolkit.fluxcd.io/ssa";
    private const string OwnForce = "gitopsgrains.io/force";
    private const string FluxForce = "kustomize.toolkit.fluxcd.io/force";

    /// <summary>All annotations that a policy is made of, in order of precedence for each meaning.</summary>
    public static IReadOnlyList<string> Annotations { get; } =
    [
        OwnReconcile, FluxReconcile, OwnSsa, FluxSsa, OwnForce, FluxForce, "gitopsgrains.io/sync-options", "argocd.argoproj.io/sync-options",
    ];

    /// <summary>The object is never touched.</summary>
    public bool IsIgnored => Strategy == ApplyStrategy.Ignore;

    /// <summary>Differences from Git are drift. False for Ignore and IfNotPresent.</summary>
    public bool IsCompared => Strategy is not (ApplyStrategy.Ignore or ApplyStrategy.IfNotPresent);

    /// <summary>Written with server-side apply once it exists.</summary>
    public bool IsApplied => Strategy is ApplyStrategy.Apply or ApplyStrategy.Merge;

    /// <param name="annotations">The manifest's own. A value that is no word of the annotation counts as absent.</param>
    public static ApplyPolicy Of(IReadOnlyDictionary<string, string> annotations, SyncOptionSet options)
    {
        var (replace, force) = (options.IsSet("Replace", annotations), options.IsSet("Force", annotations));
        if (annotations.Count == 0) return Written(replace, force, merges: false);
        if (Says(annotations, OwnReconcile, FluxReconcile, "disabled") is { } disabled) return new ApplyPolicy(ApplyStrategy.Ignore, Reason: disabled);
        if (Says(annotations, OwnSsa, FluxSsa, "Ignore") is { } ignored) return new ApplyPolicy(ApplyStrategy.Ignore, Reason: ignored);
        if (Says(annotations, OwnSsa, FluxSsa, "IfNotPresent") is { } once) return new ApplyPolicy(ApplyStrategy.IfNotPresent, Reason: once);
        force |= Says(annotations, OwnForce, FluxForce, "enabled") is not null;
        return Written(replace, force, Says(annotations, OwnSsa, FluxSsa, "Merge") is not null);
    }

    /// <summary>
    /// This policy of the manifest together with what a live object is annotated with: whoever annotates it can have it left
    /// alone, replaced or made again, as with Argo CD and Flux.
    /// </summary>
    /// <param name="live">Annotations that Git does not own.</param>
    public ApplyPolicy With(IReadOnlyDictionary<string, string> live)
    {
        if (live.Count == 0 || IsIgnored) return this;
        var other = Of(live, SyncOptionSet.None);
        if (other.IsIgnored) return other with { Reason = $"{other.Reason} on the live object" };
        if (Strategy == ApplyStrategy.IfNotPresent) return this;
        var replace = Replaces || other.Replaces;
        return Written(replace, ForceOnImmutable || other.ForceOnImmutable, Strategy == ApplyStrategy.Merge);
    }

    private bool Replaces => Strategy is ApplyStrategy.Replace or ApplyStrategy.Recreate;

    private static ApplyPolicy Written(bool replace, bool force, bool merges) => new(
        replace ? force ? ApplyStrategy.Recreate : ApplyStrategy.Replace : merges ? ApplyStrategy.Merge : ApplyStrategy.Apply, force);

    /// <summary>Our own name counts before Flux's.</summary>
    private static string? Says(IReadOnlyDictionary<string, string> annotations, string own, string flux, string value)
    {
        foreach (var name in (ReadOnlySpan<string>)[own, flux])
            if (annotations.TryGetValue(name, out var text))
                return string.Equals(text.Trim(), value, StringComparison.OrdinalIgnoreCase) ? $"{name}: {value}" : null;
        return null;
    }
}
