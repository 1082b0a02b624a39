using System.Text;
using GitOpsGrains.Abstractions.Ports.Git;

namespace GitOpsGrains.Git.Transport;

internal enum PktKind
{
    Data,
    Flush,
    Delimiter,
    ResponseEnd,
}

/// <summary>Git's framing: four hexadecimal digits of length (themselves included), then the payload. Pure.</summary>
internal static class PktLine
{
    public const int MaxLength = 65520;
    private const int Prefix = 4;

    /// <summary>
    /// Reads the line at the start of <paramref name="input"/>; false when it is not complete yet.
    /// Errors: <see cref="GitErrorKind.Malformed"/> for lengths that no line can have.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> input, out PktKind kind, out ReadOnlySpan<byte> payload, out int consumed)
    {
        kind = PktKind.Data;
        payload = default;
        consumed = 0;
        if (input.Length < Prefix) return false;
        var length = LengthOf(input[..Prefix]);
        if (length < Prefix)
        {
            kind = length switch
            {
                0 => PktKind.Flush,
                1 => PktKind.Delimiter,
                2 => PktKind.ResponseEnd,
                _ => throw new GitException(GitErrorKind.Malformed, $"the server's answer has a line of the impossible length {length}"),
            };
            consumed = Prefix;
            return true;
        }
        if (length > MaxLength)
            throw new GitException(GitErrorKind.Malformed, $"the server's answer has a line of {length} bytes, more than {MaxLength}");
        if (input.Length < length) return false;
        payload = input[Prefix..length];
        consumed = length;
        return true;
    }

    /// <summary>Reads the next line of a whole answer and moves <paramref name="rest"/> behind it; false at its end.</summary>
    public static bool TryNext(ref ReadOnlySpan<byte> rest, out PktKind kind, out ReadOnlySpan<byte> payload)
    {
        if (rest.IsEmpty)
        {
            kind = PktKind.Flush;
            payload = default;
            return false;
        }
        if (!TryRead(rest, out kind, out payload, out var consumed))
            throw new GitException(GitErrorKind.Malformed, "the server's answer ends within a line");
        rest = rest[consumed..];
        return true;
    }

    /// <summary>The payload as text, without the newline that may end it.</summary>
    public static string Text(ReadOnlySpan<byte> payload) =>
        Encoding.UTF8.GetString(payload.EndsWith("\n"u8) ? payload[..^1] : payload);

    /// <summary>The length that a line's first four bytes give. Errors: <see cref="GitErrorKind.Malformed"/>.</summary>
    public static int LengthOf(ReadOnlySpan<byte> digits)
    {
        var length = 0;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiHexDigit((char)digit))
                throw new GitException(GitErrorKind.Malformed, "the server's answer is not in Git's line format");
            length = (length << 4) | (digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
        }
        return length;
    }
}
