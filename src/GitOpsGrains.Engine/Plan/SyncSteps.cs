using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Desired;

namespace GitOpsGrains.Engine.Plan;

/// <summary>Puts what a sync does into steps: phase, wave, kind, name (Argo CD, sync-waves.md).</summary>
public static class SyncSteps
{
    /// <summary>The steps of the phases PreSync, Sync and PostSync.</summary>
    /// <param name="applies">What is to be written, of <paramref name="desired"/>.</param>
    /// <param name="withHooks">False for a sync of selected objects and for anything that is not a sync of a revision.</param>
    public static IReadOnlyList<SyncStep> Of(DesiredState desired, IEnumerable<PlannedApply> applies, bool withHooks)
    {
        var places = ApplyOrder.Places(desired.Objects, withHooks ? desired.Hooks : []);
        var steps = new SortedDictionary<Place, Draft>();
        foreach (var item in desired.Objects) Draft.At(steps, places[item.Id]).Members.Add(item);
        foreach (var apply in applies) Draft.At(steps, places[apply.Desired.Id]).Applies.Add(apply);
        if (withHooks)
            foreach (var hook in desired.Hooks)
                foreach (var phase in hook.Policy.Phases.Where(phase => phase <= SyncPhase.PostSync))
                    Draft.At(steps, new Place(phase, hook.Wave)).Hooks.Add(hook);
        return [.. steps.Select(step => step.Value.Finish(step.Key))];
    }

    /// <summary>The hooks of one phase alone: after a failure, or around a deletion.</summary>
    public static IReadOnlyList<SyncStep> OfHooks(DesiredState desired, SyncPhase phase)
    {
        var steps = new SortedDictionary<Place, Draft>();
        foreach (var hook in desired.Hooks.Where(hook => hook.Policy.Phases.Contains(phase)))
            Draft.At(steps, new Place(phase, hook.Wave)).Hooks.Add(hook);
        return [.. steps.Select(step => step.Value.Finish(step.Key))];
    }

    private sealed class Draft
    {
        public List<DesiredObject> Members { get; } = [];
        public List<PlannedApply> Applies { get; } = [];
        public List<DesiredHook> Hooks { get; } = [];

        public static Draft At(SortedDictionary<Place, Draft> steps, Place place)
        {
            if (!steps.TryGetValue(place, out var draft)) steps[place] = draft = new Draft();
            return draft;
        }

        public SyncStep Finish(Place place) => new(
            place.Phase,
            place.Wave,
            [.. Applies
                .GroupBy(apply => ApplyOrder.Rank(apply.Desired.Id)).OrderBy(group => group.Key)
                .Select(group => new ApplyStage(
                    place.Wave,
                    [.. group.OrderBy(apply => apply.Desired.Id)],
                    WaitsForEstablished: group.Any(apply => ApplyOrder.IsDefinition(apply.Desired.Id))))],
            [.. Hooks
                .GroupBy(hook => (Rank: ApplyOrder.Rank(hook.Id), hook.Id.Kind)).OrderBy(group => group.Key.Rank).ThenBy(group => group.Key.Kind, StringComparer.Ordinal)
                .Select(group => (IReadOnlyList<DesiredHook>)[.. group.OrderBy(hook => hook.Id)])],
            Members);
    }
}

/// <summary>When an object's turn comes.</summary>
public readonly record struct Place(SyncPhase Phase, int Wave) : IComparable<Place>
{
    public int CompareTo(Place other)
    {
        var order = Phase.CompareTo(other.Phase);
        return order != 0 ? order : Wave.CompareTo(other.Wave);
    }

    public static bool operator <(Place left, Place right) => left.CompareTo(right) < 0;
    public static bool operator >(Place left, Place right) => left.CompareTo(right) > 0;
    public static bool operator <=(Place left, Place right) => left.CompareTo(right) <= 0;
    public static bool operator >=(Place left, Place right) => left.CompareTo(right) >= 0;
}
