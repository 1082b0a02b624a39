using GitOpsGrains.Engine.Desired;

namespace GitOpsGrains.Engine.Plan;

/// <summary>One wave of one phase. It begins when the one before it is applied and healthy, and its hooks are done.</summary>
/// <param name="Stages">One for each kind that has something to apply, in order.</param>
/// <param name="Hooks">In kind order; those of one kind are made at once.</param>
/// <param name="Members">All objects of the wave, changed or not: the step ends when they are healthy.</param>
public sealed record SyncStep(
    SyncPhase Phase,
    int Wave,
    IReadOnlyList<ApplyStage> Stages,
    IReadOnlyList<IReadOnlyList<DesiredHook>> Hooks,
    IReadOnlyList<DesiredObject> Members)
{
    public IEnumerable<PlannedApply> Applies => Stages.SelectMany(stage => stage.Applies);

    /// <summary>As people read it: <c>wave 2</c>, <c>PreSync wave 0</c>.</summary>
    public string Display => Phase == SyncPhase.Sync ? $"wave {Wave}" : $"{Phase} wave {Wave}";
}
