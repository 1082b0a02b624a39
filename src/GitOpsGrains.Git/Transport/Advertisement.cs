using GitOpsGrains.Abstractions.Ports.Git;

namespace GitOpsGrains.Git.Transport;

/// <summary>
/// What a server answers to <c>GET info/refs</c>: with protocol v2 its capabilities, with older ones the refs as well.
/// </summary>
/// <param name="Refs">Null with protocol v2.</param>
internal sealed record Advertisement(bool IsV2, IReadOnlyDictionary<string, string> Capabilities, RemoteRefs? Refs)
{
    private const string PeeledSuffix = "^{}";

    /// <summary>Errors: <see cref="GitErrorKind.Malformed"/>.</summary>
    public static Advertisement Parse(ReadOnlySpan<byte> answer, string service = GitServices.UploadPack)
    {
        var lines = Lines(answer, service);
        if (lines.Count > 0 && lines[0] == "version 2")
            return new Advertisement(true, Capability(lines.Skip(1)), null);
        if (lines.Count > 0 && lines[0] == "version 1") lines.RemoveAt(0);
        return ParseRefs(lines);
    }

    /// <summary>Errors: <see cref="GitErrorKind.NotAllowed"/>.</summary>
    public void ThrowUnlessSha1()
    {
        if (Capabilities.TryGetValue("object-format", out var format) && format != "sha1")
            throw new GitException(GitErrorKind.NotAllowed, "the repository's object format is not sha1, others can't be read");
    }

    private static List<string> Lines(ReadOnlySpan<byte> answer, string expected)
    {
        var lines = new List<string>();
        var service = false;
        while (PktLine.TryNext(ref answer, out var kind, out var payload))
        {
            if (kind == PktKind.Flush)
            {
                if (service && lines.Count == 0)
                {
                    service = false;
                    continue;
                }
                if (!answer.IsEmpty) throw Malformed("it goes on after its end");
                return lines;
            }
            if (kind != PktKind.Data) throw Malformed("it holds a section");
            var line = PktLine.Text(payload);
            ServerError.ThrowIf(line);
            if (lines.Count == 0 && line.StartsWith("# service=", StringComparison.Ordinal))
                service = line == "# service=" + expected ? true : throw Malformed("it is of another service");
            else
                lines.Add(line);
        }
        throw Malformed("it has no end");
    }

    private static Advertisement ParseRefs(List<string> lines)
    {
        var refs = new List<RemoteRef>();
        IReadOnlyDictionary<string, string> capabilities = new Dictionary<string, string>();
        string? head = null;
        for (var index = 0; index < lines.Count; index++)
        {
            var line = lines[index];
            if (index == 0)
            {
                var zero = line.IndexOf('\0', StringComparison.Ordinal);
                if (zero < 0) throw Malformed("it names no capabilities");
                var words = line[(zero + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
                capabilities = Capability(words);
                head = words.Where(word => word.StartsWith("symref=HEAD:", StringComparison.Ordinal)).Select(word => word[12..]).FirstOrDefault();
                line = line[..zero];
            }
            AddRef(line, refs);
        }
        return new Advertisement(false, capabilities, new RemoteRefs(refs, head is not null && RefSyntax.IsRefName(head) ? head : null));
    }

    private static void AddRef(string line, List<RemoteRef> refs)
    {
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        if (space < 0) throw Malformed("a line has no name");
        var (id, name) = (line[..space], line[(space + 1)..]);
        if (id == "shallow" || name == "capabilities" + PeeledSuffix) return;
        if (!RefSyntax.IsObjectId(id)) throw Malformed("an object id is none");
        if (name.EndsWith(PeeledSuffix, StringComparison.Ordinal))
        {
            if (refs.Count > 0 && refs[^1].Name == name[..^PeeledSuffix.Length]) refs[^1] = refs[^1] with { Peeled = id };
        }
        else if (RefSyntax.IsRefName(name))
        {
            refs.Add(new RemoteRef(name, id, null));
        }
    }

    private static Dictionary<string, string> Capability(IEnumerable<string> words)
    {
        var capabilities = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var word in words)
        {
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            capabilities[equals < 0 ? word : word[..equals]] = equals < 0 ? "" : word[(equals + 1)..];
        }
        return capabilities;
    }

    private static GitException Malformed(string why) => new(GitErrorKind.Malformed, $"the server's advertisement can't be read: {why}");
}
