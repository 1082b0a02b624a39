using System.Globalization;
using GitOpsGrains.Abstractions.Ports.Git;

namespace GitOpsGrains.Git.Transport;

/// <summary>What a Git server says inside its protocol when it refuses a request.</summary>
internal static class ServerError
{
    private const int MaxLength = 300;

    public static void ThrowIf(string line)
    {
        if (line.StartsWith("ERR ", StringComparison.Ordinal)) throw From(line[4..]);
    }

    /// <summary>"not our ref" is the one refusal that callers act on: the commit is gone.</summary>
    public static GitException From(string message) =>
        message.Contains("not our ref", StringComparison.Ordinal)
            ? new GitException(GitErrorKind.CommitNotFound, $"the server no longer has a commit that was asked for: {Printable(message)}")
            : new GitException(GitErrorKind.Unreachable, $"the server refused: {Printable(message)}");

    /// <summary>Formatting characters as well: they turn text around.</summary>
    private static bool IsUnprintable(char character) =>
        char.IsControl(character) || char.GetUnicodeCategory(character) == UnicodeCategory.Format;

    /// <summary>What a server says, as one short line.</summary>
    public static string Printable(string message)
    {
        var text = message.Length > MaxLength ? message[..MaxLength] + "…" : message;
        return new string([.. text.Trim().Select(character => IsUnprintable(character) ? ' ' : character)]);
    }
}
