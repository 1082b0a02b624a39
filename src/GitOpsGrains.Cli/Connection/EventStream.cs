using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Cli.Connection;

/// <summary>Changes of the fleet from one connection to <c>/api/v1/watch</c>; ends when the server or the network ends it, or nothing comes any more.</summary>
internal sealed class EventStream(HttpResponseMessage response, TimeProvider time) : IDisposable
{
    /// <summary>The server sends something at least every 15 seconds.</summary>
    private static readonly TimeSpan MostSilence = TimeSpan.FromSeconds(45);

    /// <summary>Of the last event read: where the next stream goes on.</summary>
    public string? LastEventId { get; private set; }

    public async IAsyncEnumerable<WatchEventView> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var stream = new LivelyStream(await response.Content.ReadAsStreamAsync(cancellationToken), MostSilence, time);
        var items = SseParser.Create(stream, static (_, data) => JsonSerializer.Deserialize<WatchEventView>(data, DocumentJson.Rest)).EnumerateAsync(cancellationToken);
        await using var events = items.GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(events))
        {
            if (!string.IsNullOrEmpty(events.Current.EventId)) LastEventId = events.Current.EventId;
            // A bookmark only says how far the stream is.
            if (events.Current.Data is { Kind.Length: > 0 } change) yield return change;
        }
    }

    public void Dispose() => response.Dispose();

    private static async Task<bool> NextAsync(IAsyncEnumerator<SseItem<WatchEventView?>> events)
    {
        try
        {
            return await events.MoveNextAsync();
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException)
        {
            // A connection that breaks is an end like any other: the reader connects again.
            return false;
        }
        catch (JsonException broken)
        {
            throw new CliException("the server's events are not understood", inner: broken);
        }
    }
}
