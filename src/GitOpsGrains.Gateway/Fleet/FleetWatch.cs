using System.Runtime.CompilerServices;
using GitOpsGrains.Abstractions.Fleet;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Gateway.Auth;
using Microsoft.Extensions.Hosting;

namespace GitOpsGrains.Gateway.Fleet;

/// <param name="Event">Null: nothing has happened, and this is where to go on from.</param>
internal sealed record WatchItem(string Sequence, WatchEventView? Event);

/// <summary>Changes of the fleet as they happen, from a cursor on that any gateway understands.</summary>
internal sealed class FleetWatch(IGrainFactory grains, TokenVerdicts verdicts, IHostApplicationLifetime lifetime)
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Returns when the first answer is there. The stream ends with this process, and with the token that it was asked for with. Errors:
    /// <see cref="CursorTooOldException"/>, also of the stream.
    /// </summary>
    /// <param name="after">"" for from now on.</param>
    /// <param name="token">Its hash.</param>
    public async Task<IAsyncEnumerable<WatchItem>> OpenAsync(string after, string token, CancellationToken cancellationToken) =>
        ItemsAsync(await ReadAsync(after, TimeSpan.Zero, cancellationToken), token, cancellationToken);

    private async IAsyncEnumerable<WatchItem> ItemsAsync(FeedPage page, string token, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        while (await verdicts.OfAsync(token) is not null)
        {
            foreach (var change in page.Events) yield return new WatchItem(change.Sequence, change);
            // Something on the line at least so often keeps proxies from closing it, and gives the client its cursor.
            if (page.Events.Count == 0) yield return new WatchItem(page.Cursor, null);
            try
            {
                page = await ReadAsync(page.Cursor, Wait, ends.Token);
            }
            catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
            {
                yield break;
            }
        }
    }

    private async Task<FeedPage> ReadAsync(string cursor, TimeSpan wait, CancellationToken cancellationToken)
    {
        var page = await grains.GetGrain<IFleetFeedGrain>(0).ReadAsync(cursor, wait, cancellationToken);
        return page.TooOld
            ? throw new CursorTooOldException("the changes after this event are not kept any more; list again, then watch from now on")
            : page;
    }
}
