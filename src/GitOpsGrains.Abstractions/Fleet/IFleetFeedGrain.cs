using GitOpsGrains.Documents.Rest;
using Orleans.Concurrency;

namespace GitOpsGrains.Abstractions.Fleet;

/// <summary>
/// The last 10,000 changes of the fleet with a cursor, in memory: whoever watches can go on where it stopped, through any
/// gateway. Key: 0.
/// </summary>
[Alias("gog.IFleetFeedGrain")]
public interface IFleetFeedGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// What happened after a cursor ("" for from now on), waiting at most <paramref name="wait"/> for something to happen.
    /// </summary>
    [AlwaysInterleave, ResponseTimeout(AnswerTimes.Held), Alias("Read")]
    Task<FeedPage> ReadAsync(string cursor, TimeSpan wait, CancellationToken cancellationToken);
}

/// <summary>News for the feed, told again until they have arrived: some come twice then.</summary>
/// <remarks>By the name under which older silos know it.</remarks>
[Alias("gog.IFleetFeedListener"), GrainInterfaceType("GitOpsGrains.Abstractions.Fleet.IFleetFeedListener")]
public interface IFleetFeedInbox : IGrainWithIntegerKey
{
    [AlwaysInterleave, Alias("OnChanged")]
    Task OnChangedAsync(IReadOnlyList<WatchEventView> changes);
}

/// <param name="Cursor">Pass it for the next page.</param>
/// <param name="TooOld">The cursor names changes that are not kept any more: list again.</param>
[GenerateSerializer, Immutable, Alias("gog.FeedPage")]
public sealed record FeedPage(
    [property: Id(0)] IReadOnlyList<WatchEventView> Events, [property: Id(1)] string Cursor, [property: Id(2)] bool TooOld);
