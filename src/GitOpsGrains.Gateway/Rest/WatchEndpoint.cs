using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using GitOpsGrains.Abstractions.Fleet;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Gateway.Fleet;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GitOpsGrains.Gateway.Rest;

/// <summary><c>GET /api/v1/watch</c>: changes as server-sent events. A client goes on with Last-Event-ID; 410 when that is too old.</summary>
internal static class WatchEndpoint
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(15);

    public static void Map(RouteGroupBuilder api) => api.MapGet("/watch", WatchAsync);

    private static async Task<IResult> WatchAsync(FleetFacade fleet, HttpRequest request, string? after, CancellationToken cancellationToken)
    {
        var feed = fleet.Grains.GetGrain<IFleetFeedGrain>(0);
        var cursor = request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } last ? last : after ?? "";
        var first = await feed.ReadAsync(cursor, TimeSpan.Zero, cancellationToken);
        return first.TooOld
            ? Problems.Gone("the changes after this event are not kept any more; list again, then watch without Last-Event-ID")
            : TypedResults.ServerSentEvents(EventsAsync(feed, first, cancellationToken));
    }

    private static async IAsyncEnumerable<SseItem<WatchEventView>> EventsAsync(
        IFleetFeedGrain feed, FeedPage page, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (!page.TooOld)
        {
            foreach (var change in page.Events)
                yield return new SseItem<WatchEventView>(change, "change") { EventId = change.Sequence };
            // Something on the line at least so often keeps proxies from closing it, and gives the client its cursor.
            if (page.Events.Count == 0) yield return new SseItem<WatchEventView>(new WatchEventView { Sequence = page.Cursor }, "bookmark") { EventId = page.Cursor };
            page = await feed.ReadAsync(page.Cursor, Wait, cancellationToken);
        }
    }
}
