using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <summary>What a live object's own annotations add to the policy of its manifest.</summary>
public static class LivePolicy
{
    /// <summary>Carries an annotation that an <see cref="ApplyPolicy"/> is made of.</summary>
    public static bool IsNamedOn(LiveObject live)
    {
        foreach (var name in ApplyPolicy.Annotations)
            if (Said(live, name) is not null)
                return true;
        return false;
    }

    /// <summary>
    /// An annotation that we wrote is Git's word of an earlier commit: only the present one counts. What somebody else wrote
    /// there counts as well.
    /// </summary>
    public static ApplyPolicy Of(ApplyPolicy wanted, LiveObject live)
    {
        if (!IsNamedOn(live)) return wanted;
        var fields = ManagedFields.AllOwnFields(live);
        var (ours, ourLabels) = (fields.Find("f:metadata", "f:annotations"), fields.Find("f:metadata", "f:labels"));
        var theirs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in ApplyPolicy.Annotations)
            if (Said(live, name) is { } value && ours?.Find("f:" + name) is null && ourLabels?.Find("f:" + name) is null)
                theirs[name] = value;
        return wanted.With(theirs);
    }

    /// <summary>Flux reads its words from labels as well.</summary>
    private static string? Said(LiveObject live, string name) =>
        live.Annotation(name) ?? (name.StartsWith("kustomize.toolkit.fluxcd.io/", StringComparison.Ordinal) ? live.Label(name) : null);
}
