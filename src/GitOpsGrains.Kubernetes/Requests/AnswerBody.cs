using System.Buffers;

namespace GitOpsGrains.Kubernetes.Requests;

/// <summary>A whole answer in a pooled buffer, up to a limit.</summary>
internal sealed class AnswerBody : IDisposable
{
    private const int FirstSize = 16 * 1024;

    private byte[] _buffer;
    private int _length;

    private AnswerBody(int size) => _buffer = ArrayPool<byte>.Shared.Rent(size);

    public ReadOnlySpan<byte> Span => _buffer.AsSpan(0, _length);

    /// <summary>The body went on behind the limit; what is kept is its beginning.</summary>
    public bool IsCut { get; private set; }

    public static async Task<AnswerBody> ReadAsync(HttpContent content, int limit, CancellationToken cancellationToken)
    {
        var expected = (int)Math.Min(content.Headers.ContentLength ?? FirstSize, limit);
        var body = new AnswerBody(Math.Max(expected + 1, 1024));
        try
        {
            await using var stream = await content.ReadAsStreamAsync(cancellationToken);
            while (true)
            {
                if (body._length == body._buffer.Length) body.Grow();
                var read = await stream.ReadAsync(body._buffer.AsMemory(body._length), cancellationToken);
                if (read == 0) return body;
                body._length += read;
                if (body._length <= limit) continue;
                body._length = limit;
                body.IsCut = true;
                return body;
            }
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        var buffer = Interlocked.Exchange(ref _buffer, []);
        _length = 0;
        // Answers may hold Secrets: other renters must not find them.
        if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
    }

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent(checked(_buffer.Length * 2));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer, clearArray: true);
        _buffer = larger;
    }
}
