using System.Text;
using GitOpsGrains.Abstractions.Ports.Git;

namespace GitOpsGrains.Git.Transport;

/// <summary>Takes the pack out of the answer to a fetch, of any protocol version.</summary>
internal static class PackStream
{
    private const byte PackBand = 1;
    private const byte ProgressBand = 2;
    private const byte ErrorBand = 3;

    /// <summary>
    /// Errors: <see cref="GitErrorKind.TooLarge"/>, <see cref="GitErrorKind.Malformed"/>, <see cref="GitErrorKind.Unreachable"/>
    /// when the answer ends early, and what the server says.
    /// </summary>
    public static async Task CopyAsync(Stream answer, Stream pack, long maxBytes, CancellationToken cancellationToken)
    {
        var buffer = new byte[2 * PktLine.MaxLength];
        var state = new State(pack, maxBytes);
        var filled = 0;
        while (true)
        {
            var read = await answer.ReadAsync(buffer.AsMemory(filled), cancellationToken);
            if (read == 0) break;
            filled += read;
            var used = 0;
            while (!state.Ended && PktLine.TryRead(buffer.AsSpan(used, filled - used), out var kind, out var payload, out var consumed))
            {
                state.Take(kind, payload);
                used += consumed;
            }
            if (state.Ended) break;
            buffer.AsSpan(used, filled - used).CopyTo(buffer);
            filled -= used;
        }
        if (!state.Ended) throw new GitException(GitErrorKind.Unreachable, "the server's answer ended before the pack was complete");
        if (state.Bytes == 0) throw new GitException(GitErrorKind.Malformed, "the server sent no pack");
    }

    private sealed class State(Stream pack, long maxBytes)
    {
        private bool _inPack;

        public bool Ended { get; private set; }

        public long Bytes { get; private set; }

        public void Take(PktKind kind, ReadOnlySpan<byte> payload)
        {
            if (kind == PktKind.Flush)
            {
                // Protocol v0 has no other flush; v2 ends with this one as well.
                Ended = true;
                return;
            }
            if (kind != PktKind.Data || payload.IsEmpty) return;
            if (payload[0] is PackBand or ProgressBand or ErrorBand)
                TakeBand(payload[0], payload[1..]);
            else
                TakeLine(PktLine.Text(payload));
        }

        private void TakeLine(string line)
        {
            ServerError.ThrowIf(line);
            var expected = line is "packfile" or "NAK" or "shallow-info"
                || line.StartsWith("ACK ", StringComparison.Ordinal) || line.StartsWith("shallow ", StringComparison.Ordinal) || line.StartsWith("unshallow ", StringComparison.Ordinal);
            if (_inPack || !expected) throw new GitException(GitErrorKind.Malformed, "the server's answer to a fetch can't be read");
        }

        private void TakeBand(byte band, ReadOnlySpan<byte> content)
        {
            if (band == ErrorBand) throw ServerError.From(Encoding.UTF8.GetString(content));
            if (band == ProgressBand) return;
            _inPack = true;
            Bytes += content.Length;
            if (Bytes > maxBytes) throw new GitException(GitErrorKind.TooLarge, $"the fetch is larger than {maxBytes} bytes");
            pack.Write(content);
        }
    }
}
