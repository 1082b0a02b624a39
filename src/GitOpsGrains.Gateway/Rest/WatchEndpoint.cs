using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Gateway.Auth;
using GitOpsGrains.Gateway.Fleet;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GitOpsGrains.Gateway.Rest;

/// <summary><c>GET /api/v1/watch</c>: changes as server-sent events. A client goes on with Last-Event-ID; 410 when that is too old.</summary>
internal static class WatchEndpoint
{
    public static void Map(RouteGroupBuilder api) => api.MapGet("/watch", WatchAsync);

    private static async Task<IResult> WatchAsync(FleetWatch watch, HttpRequest request, string? after, CancellationToken cancellationToken)
    {
        var cursor = request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } last ? last : after ?? "";
        return TypedResults.ServerSentEvents(EventsAsync(await watch.OpenAsync(cursor, PresentedToken.Of(request.HttpContext).Hash!, cancellationToken), cancellationToken));
    }

    private static async IAsyncEnumerable<SseItem<WatchEventView>> EventsAsync(
        IAsyncEnumerable<WatchItem> items, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var open = items.GetAsyncEnumerator(cancellationToken);
        while (await HasNextAsync(open))
        {
            var item = open.Current;
            yield return new SseItem<WatchEventView>(item.Event ?? new WatchEventView { Sequence = item.Sequence }, item.Event is null ? "bookmark" : "change") { EventId = item.Sequence };
        }
    }

    /// <summary>A stream has no way to say why it ends: the client asks again with its cursor, and is told.</summary>
    private static async Task<bool> HasNextAsync(IAsyncEnumerator<WatchItem> items)
    {
        try
        {
            return await items.MoveNextAsync();
        }
        catch (Exception ending) when (Refusal.Of(ending) is not null)
        {
            return false;
        }
    }
}
