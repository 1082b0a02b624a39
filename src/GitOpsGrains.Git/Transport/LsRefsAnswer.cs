using GitOpsGrains.Abstractions.Ports.Git;

namespace GitOpsGrains.Git.Transport;

/// <summary>Reads the answer to protocol v2's ls-refs. Pure.</summary>
internal static class LsRefsAnswer
{
    private const string SymrefTarget = "symref-target:";
    private const string PeeledTo = "peeled:";

    public static RemoteRefs Parse(ReadOnlySpan<byte> answer)
    {
        var refs = new List<RemoteRef>();
        string? head = null;
        while (PktLine.TryNext(ref answer, out var kind, out var payload))
        {
            if (kind == PktKind.Flush)
            {
                if (!answer.IsEmpty) throw Malformed("it goes on after its end");
                return new RemoteRefs(refs, head);
            }
            if (kind != PktKind.Data) throw Malformed("it holds a section");
            var line = PktLine.Text(payload);
            ServerError.ThrowIf(line);
            Read(line, refs, ref head);
        }
        throw Malformed("it has no end");
    }

    private static void Read(string line, List<RemoteRef> refs, ref string? head)
    {
        var words = line.Split(' ');
        if (words.Length < 2) throw Malformed("a line has no name");
        var (id, name) = (words[0], words[1]);
        string? target = null, peeled = null;
        foreach (var attribute in words.AsSpan(2))
        {
            if (attribute.StartsWith(SymrefTarget, StringComparison.Ordinal)) target = attribute[SymrefTarget.Length..];
            else if (attribute.StartsWith(PeeledTo, StringComparison.Ordinal)) peeled = attribute[PeeledTo.Length..];
        }
        if (name == "HEAD" && target is not null && RefSyntax.IsRefName(target)) head = target;
        if (id == "unborn") return;
        if (!RefSyntax.IsObjectId(id) || peeled is not null && !RefSyntax.IsObjectId(peeled)) throw Malformed("an object id is none");
        // A server may hold names that git itself refuses; nobody can ask for them.
        if (RefSyntax.IsRefName(name)) refs.Add(new RemoteRef(name, id, peeled));
    }

    private static GitException Malformed(string why) => new(GitErrorKind.Malformed, $"the server's list of refs can't be read: {why}");
}
