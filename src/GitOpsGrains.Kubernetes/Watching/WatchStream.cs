using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Kubernetes.Answers;

namespace GitOpsGrains.Kubernetes.Watching;

/// <summary>
/// Reads a watch line by line. A line that is too long, silence, and an answer that can't be understood are errors; a
/// stream that ends is no event. Throws for cancellation only.
/// </summary>
internal sealed class WatchStream : IAsyncDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly PipeReader _pipe;
    private readonly ApiResource _resource;
    private readonly int _longestLine;
    private readonly TimeSpan _silence;
    private readonly CancellationTokenSource _silent;

    private WatchStream(HttpResponseMessage response, Stream stream, ApiResource resource, int longestLine, TimeSpan silence, TimeProvider time)
    {
        (_response, _resource, _longestLine, _silence) = (response, resource, longestLine, silence);
        _pipe = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 16 * 1024));
        _silent = new CancellationTokenSource(silence, time);
    }

    public static async Task<WatchStream> OpenAsync(
        HttpResponseMessage response, ApiResource resource, int longestLine, TimeSpan silence, TimeProvider time, CancellationToken cancellationToken) =>
        new(response, await response.Content.ReadAsStreamAsync(cancellationToken), resource, longestLine, silence, time);

    /// <summary>The next event, or null at the stream's end.</summary>
    public async ValueTask<WatchEvent?> NextAsync(CancellationToken cancellationToken)
    {
        // The consumer's own time between two events is no silence of the server.
        _silent.CancelAfter(_silence);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _silent.Token);
        try
        {
            return await ReadEventAsync(linked.Token);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (OperationCanceledException)
        {
            return WatchEventParser.OfError(FailureClassifier.TimedOut($"no event or bookmark for {_silence.TotalSeconds:0.#} s"));
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            return WatchEventParser.OfError(FailureClassifier.Unreachable(exception));
        }
    }

    public async ValueTask DisposeAsync()
    {
        _silent.Dispose();
        // Ends the request first: completing the reader would wait for its stream.
        _response.Dispose();
        await _pipe.CompleteAsync();
    }

    private async ValueTask<WatchEvent?> ReadEventAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await _pipe.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            var end = buffer.PositionOf((byte)'\n');
            if (end is null && !result.IsCompleted && buffer.Length <= _longestLine)
            {
                _pipe.AdvanceTo(buffer.Start, buffer.End);
                continue;
            }

            var line = end is { } position ? buffer.Slice(0, position) : buffer;
            if (line.Length > _longestLine) return Malformed($"an event is longer than {_longestLine} bytes");
            var next = end is null ? buffer.End : buffer.GetPosition(1, end.Value);
            var isEnd = end is null;
            var watchEvent = IsBlank(line) ? null : Parse(line);
            _pipe.AdvanceTo(next);
            if (watchEvent is not null || isEnd) return watchEvent;
        }
    }

    private WatchEvent Parse(in ReadOnlySequence<byte> line)
    {
        try
        {
            return WatchEventParser.Parse(line, _resource);
        }
        // The latter is the reader's word for a string that is not Unicode.
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return Malformed("an event can't be understood");
        }
    }

    private static WatchEvent Malformed(string what) => WatchEventParser.OfError(FailureClassifier.Malformed(200, what));

    private static bool IsBlank(in ReadOnlySequence<byte> line)
    {
        foreach (var segment in line)
        {
            if (segment.Span.ContainsAnyExcept(" \r\t"u8)) return false;
        }

        return true;
    }
}
