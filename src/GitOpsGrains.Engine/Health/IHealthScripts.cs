using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Health;

/// <summary>The port to an administrator's own health rules. Used from many threads at once.</summary>
public interface IHealthScripts
{
    /// <summary>There is a rule for the kind: it goes before the built-in one, and the kind is watched in full.</summary>
    bool Covers(string group, string kind);

    /// <summary>
    /// What the rule of a covered kind says; null if it says that the object has no health. Never throws and never runs
    /// long: a rule that fails, takes too long or answers nonsense gives Unknown with the reason.
    /// </summary>
    ObjectHealth? Assess(LiveObject live);
}
