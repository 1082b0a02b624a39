using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Engine.Health;

namespace GitOpsGrains.Engine.Policy;

/// <param name="Health">Null for kinds that have none, which are done when they are applied.</param>
/// <param name="IsThere">The cluster has the object.</param>
public readonly record struct GateMember(ResourceId Id, ObjectHealth? Health, bool IsThere);

/// <param name="Failed">The first object that is Degraded, as a sentence; null if none is.</param>
/// <param name="Waiting">How many are not healthy yet.</param>
/// <param name="WaitsFor">The first of them, as a sentence; "" if there are none.</param>
public sealed record GateVerdict(string? Failed, int Waiting, string WaitsFor)
{
    public bool IsOpen => Failed is null && Waiting == 0;
}

/// <summary>
/// Whether a wave is done: every object of it is there and healthy. A Degraded one ends the sync with its message.
/// </summary>
public static class HealthGate
{
    /// <param name="isLast">
    /// Nothing comes after: a Suspended object (a paused rollout) waits for a person, not the sync for it. Before that it
    /// holds up what follows, as in Argo CD.
    /// </param>
    public static GateVerdict Check(IEnumerable<GateMember> members, bool isLast)
    {
        var (waiting, first) = (0, "");
        foreach (var member in members)
        {
            if (member is { IsThere: true, Health: null or { Status: HealthStatus.Healthy } }) continue;
            if (isLast && member is { IsThere: true, Health.Status: HealthStatus.Suspended }) continue;
            if (member is { IsThere: true, Health: { Status: HealthStatus.Degraded } bad }) return new GateVerdict(Sentence(member.Id, bad.Message, "is degraded"), waiting, first);
            if (waiting++ == 0) first = member.IsThere ? Sentence(member.Id, member.Health!.Message, "is not healthy yet") : $"{member.Id.Display} is missing";
        }
        return new GateVerdict(null, waiting, first);
    }

    private static string Sentence(ResourceId id, string message, string otherwise) =>
        message.Length > 0 ? $"{id.Display}: {message}" : $"{id.Display} {otherwise}";
}
