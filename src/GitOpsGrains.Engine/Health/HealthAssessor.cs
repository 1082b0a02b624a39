using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Health;

/// <summary>
/// How live objects do: by an administrator's script where there is one, else by the built-in rules. One instance serves
/// a whole silo, from any thread.
/// </summary>
/// <param name="scripts">Null where no kind has a script.</param>
public sealed class HealthAssessor(IHealthScripts? scripts = null)
{
    /// <summary>The built-in rules alone.</summary>
    public static HealthAssessor BuiltIn { get; } = new();

    /// <summary>
    /// Null for an object that has no health of its own. Needs the whole object. An object of any kind that is being
    /// deleted is Progressing, whatever a script would say.
    /// </summary>
    public ObjectHealth? Assess(LiveObject live)
    {
        if (live.IsDeleting) return ObjectHealth.PendingDeletion;
        return scripts is not null && scripts.Covers(live.Id.Group, live.Id.Kind) ? scripts.Assess(live) : HealthRules.Assess(live);
    }

    /// <summary>Metadata alone does not tell enough about objects of the kind.</summary>
    public bool NeedsFullWatch(string group, string kind) =>
        HealthRules.NeedsFullWatch(group, kind) || (scripts is not null && scripts.Covers(group, kind));
}
