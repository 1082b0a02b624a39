using GitOpsGrains.Abstractions.Ports.Git;

namespace GitOpsGrains.Git.Transport;

/// <summary>Reads one answer off a connection that stays open: all lines up to a flush, and not a byte more.</summary>
internal static class PktSection
{
    private const int Prefix = 4;

    /// <summary>
    /// The lines with their framing, the flush included. Errors: <see cref="EndOfStreamException"/>,
    /// <see cref="GitErrorKind.TooLarge"/>, <see cref="GitErrorKind.Malformed"/>.
    /// </summary>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(Stream stream, int limit, CancellationToken cancellationToken)
    {
        using var all = new MemoryStream();
        var line = new byte[PktLine.MaxLength];
        while (true)
        {
            await stream.ReadExactlyAsync(line.AsMemory(0, Prefix), cancellationToken);
            // 0 to 2 stand for lines without a payload.
            var length = PktLine.LengthOf(line.AsSpan(0, Prefix));
            if (length is 3 or > PktLine.MaxLength) throw new GitException(GitErrorKind.Malformed, $"the server's answer has a line of the impossible length {length}");
            if (length > Prefix) await stream.ReadExactlyAsync(line.AsMemory(Prefix, length - Prefix), cancellationToken);
            if (all.Length + length > limit) throw new GitException(GitErrorKind.TooLarge, $"the server's answer has more than {limit} bytes");
            all.Write(line, 0, Math.Max(length, Prefix));
            if (length == 0) return all.GetBuffer().AsMemory(0, (int)all.Length);
        }
    }
}
