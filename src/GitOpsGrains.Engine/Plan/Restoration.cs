using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Engine.Desired;

namespace GitOpsGrains.Engine.Plan;

/// <summary>What a sync did to one object, in the order that it was done.</summary>
public sealed record TouchedObject(ResourceId Id, ApplyAction Action);

/// <summary>
/// How a sync that failed half-way is taken back (DESIGN 7, onFailure: restore): the objects that it changed get the manifests
/// again that they had in the last set that was in sync. Nothing is ever deleted or made for it: what the sync created stays,
/// and what it deleted stays away (a sync that fails while it applies has deleted nothing; one whose health fails may have).
/// </summary>
/// <param name="Steps">One after the other; the objects of a step at once. The last changed come first.</param>
/// <param name="Left">Written by the sync and left as it is: created by it, or in no manifest before.</param>
/// <param name="Gone">Deleted by the sync, and not made again.</param>
public sealed record Restoration(IReadOnlyList<IReadOnlyList<DesiredObject>> Steps, IReadOnlyList<ResourceId> Left, IReadOnlyList<ResourceId> Gone)
{
    public bool IsEmpty => Steps.Count == 0;

    public int Count => Steps.Sum(step => step.Count);

    /// <param name="touched">All outcomes of the failed sync; several of one object count as the first that wrote it.</param>
    /// <param name="failed">The manifests that were being applied: an object whose manifest is the same in both was only healed.</param>
    /// <param name="previous">The set that was in sync before, as it is built for the cluster now.</param>
    /// <param name="options">The application's.</param>
    public static Restoration Of(
        IReadOnlyList<TouchedObject> touched, IReadOnlyList<DesiredObject> failed, IReadOnlyList<DesiredObject> previous, SyncOptionSet options)
    {
        var before = previous.ToDictionary(item => item.Id);
        var now = failed.ToDictionary(item => item.Id, item => item.Hash);
        var steps = new List<List<DesiredObject>>();
        var left = new List<ResourceId>();
        foreach (var written in touched.Where(done => done.Action is ApplyAction.Created or ApplyAction.Configured).DistinctBy(done => done.Id).Reverse())
        {
            if (written.Action == ApplyAction.Created || !before.TryGetValue(written.Id, out var manifest))
            {
                left.Add(written.Id);
                continue;
            }
            if (now.TryGetValue(written.Id, out var hash) && hash == manifest.Hash) continue;
            // What is never compared is not put back either.
            if (!ApplyPolicy.Of(manifest.Annotations, options).IsCompared) continue;
            if (steps.Count == 0 || !IsOfOneKind(steps[^1][0].Id, manifest.Id)) steps.Add([]);
            steps[^1].Add(manifest);
        }
        return new Restoration(steps, [.. left.Order()], [.. touched.Where(done => done.Action == ApplyAction.Pruned).Select(done => done.Id).Distinct().Order()]);
    }

    private static bool IsOfOneKind(ResourceId left, ResourceId right) => left.Group == right.Group && left.Kind == right.Kind;
}
