using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Gateway.Fleet;

/// <summary>
/// A look at one target: its manifests, and what its cluster tells of its objects. Empty parameters restrict nothing. Errors:
/// <see cref="GrainRefusedException"/>.
/// </summary>
public sealed class TargetFacade(FleetFacade fleet)
{
    public const int DefaultTail = 200;
    private const int MaxTail = 5000;
    private const int MaxRevision = 100;
    private const int MaxToken = 100;
    private const int MaxContainer = 63;

    /// <param name="cluster">Needed where clusters have different manifests.</param>
    /// <param name="revision">A commit of the history; null: what is wanted now.</param>
    public Task<ManifestsView> GetManifestsAsync(string key, string? cluster, string? revision, int? limit, string? after, CancellationToken cancellationToken) =>
        fleet.Application(key).GetManifestsAsync(
            ClusterOf(cluster),
            new ManifestsQuery { Revision = Bounded("revision", revision, MaxRevision), Limit = new ListQuery { Limit = limit }.PageSize, After = Bounded("continue", after, MaxToken) },
            cancellationToken);

    /// <param name="cluster">Needed where there are several.</param>
    /// <param name="only">An object of the application, or one that it owns; null: all.</param>
    public async Task<EventsView> GetEventsAsync(string key, string? cluster, string? only, int? limit, string? after, CancellationToken cancellationToken)
    {
        var query = new EventsQuery
        {
            Object = string.IsNullOrEmpty(only) ? null : ReferenceOf(only),
            Limit = new ListQuery { Limit = limit }.PageSize,
            After = Bounded("continue", after, MaxToken),
        };
        return await (await TargetAsync(key, cluster)).GetEventsAsync(query, cancellationToken);
    }

    /// <param name="cluster">Needed where there are several.</param>
    /// <param name="pod">Of the application, or owned by one of its objects.</param>
    /// <param name="tail">So many lines, the last ones.</param>
    public async Task<LogsView> GetLogsAsync(string key, string? cluster, string? pod, string? container, int? tail, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(pod)) throw Invalid("object: required: a pod, as /Pod:namespace/name or Pod/name");
        if (ReferenceOf(pod) is not { Group: null or "", Kind: "Pod" } reference) throw Invalid($"object: '{pod}' is no pod; only pods have logs");
        if (tail is < 1 or > MaxTail) throw Invalid($"tail: {tail} is not a number of lines from 1 to {MaxTail}");
        if (Bounded("container", container, MaxContainer) is { } named && !GrainKeys.IsSegment(named)) throw Invalid("container: not a name of a container");
        var query = new LogsQuery { Pod = reference, Container = container ?? "", Tail = tail ?? DefaultTail };
        return await (await TargetAsync(key, cluster)).GetLogsAsync(query, cancellationToken);
    }

    private async Task<ITargetGrain> TargetAsync(string key, string? cluster)
    {
        var targets = await fleet.TargetKeysAsync(key);
        if (ClusterOf(cluster) is { } named)
        {
            var target = FleetFacade.TargetKey(key, named);
            return targets.Contains(target) ? fleet.Grains.GetGrain<ITargetGrain>(target) : throw Absent.Target(key, named);
        }
        return targets.Count switch
        {
            1 => fleet.Grains.GetGrain<ITargetGrain>(targets[0]),
            0 => throw new GrainRefusedException(RefusalKind.Conflict, $"application {key} has no target"),
            _ => throw Invalid($"cluster: needed, as the application has targets on {targets.Count} clusters"),
        };
    }

    private static string? ClusterOf(string? cluster) => string.IsNullOrEmpty(cluster) ? null : Names.Checked(cluster);

    private static ObjectReference ReferenceOf(string text) =>
        ObjectReference.TryParse(text, out var reference) ? reference : throw Invalid($"object: '{text}' is no {ObjectReference.Shape}");

    private static string? Bounded(string name, string? text, int length) =>
        string.IsNullOrEmpty(text) ? null : text.Length <= length ? text : throw Invalid($"{name}: longer than {length} characters");

    private static GrainRefusedException Invalid(string message) => new(RefusalKind.Invalid, message);
}
