using System.Text;
using GitOpsGrains.Abstractions.Ports.Git;

namespace GitOpsGrains.Git.Transport;

/// <summary>What is posted to git-receive-pack, and what it answers. Pure.</summary>
internal static class ReceivePackRequest
{
    private const string NoObject = "0000000000000000000000000000000000000000";
    private const string Report = "report-status";

    /// <param name="expected">Where the branch is; null: it is new.</param>
    public static byte[] Update(Advertisement server, string branch, string? expected, string commit, ReadOnlySpan<byte> pack)
    {
        if (!server.Capabilities.ContainsKey(Report))
            throw new GitException(GitErrorKind.Rejected, "the server does not say what becomes of a push: nothing is pushed there");
        var head = new PktLineWriter().Line($"{expected ?? NoObject} {commit} {branch}\0 {Report} agent=git/gitopsgrains").Flush().ToArray();
        return [.. head, .. pack];
    }

    /// <summary>Errors: <see cref="GitErrorKind.Rejected"/> with the server's words.</summary>
    public static void ThrowUnlessDone(ReadOnlySpan<byte> answer, string branch)
    {
        var (unpacked, updated) = (false, false);
        while (PktLine.TryNext(ref answer, out var kind, out var payload))
        {
            if (kind == PktKind.Flush) break;
            var line = PktLine.Text(payload);
            ServerError.ThrowIf(line);
            if (line == "unpack ok") unpacked = true;
            else if (line == "ok " + branch) updated = true;
            else if (line.StartsWith("unpack ", StringComparison.Ordinal)) throw Refused(line["unpack ".Length..]);
            else if (line.StartsWith($"ng {branch} ", StringComparison.Ordinal)) throw Refused(line[(branch.Length + 4)..]);
        }
        if (!unpacked || !updated) throw new GitException(GitErrorKind.Malformed, "the server's answer to the push does not say what became of it");
    }

    private static GitException Refused(string words) => new(GitErrorKind.Rejected, $"the server refuses the push: {ServerError.Printable(words)}");
}
