using GitOpsGrains.Abstractions.Ports.Git;

namespace GitOpsGrains.Git.Transport;

/// <summary>The bodies that are posted to git-upload-pack. Pure.</summary>
internal static class UploadPackRequest
{
    private const string Agent = "agent=git/gitopsgrains";

    public static byte[] ListRefs(Advertisement server, IReadOnlyList<string> prefixes)
    {
        var body = Begin(server, "ls-refs").Line("peel").Line("symrefs");
        foreach (var prefix in prefixes) body.Line("ref-prefix " + prefix);
        return body.Flush().ToArray();
    }

    /// <summary>
    /// Errors: <see cref="GitErrorKind.NotAllowed"/>. The negotiation is one round: what we have is told at once with "done", and the server sends what it thinks is missing.
    /// </summary>
    public static byte[] Fetch(Advertisement server, PackRequest request)
    {
        var (wants, haves, shallow) = request;
        if (shallow && !(server.IsV2 && server.Capabilities.TryGetValue("fetch", out var features) && features.Split(' ').Contains("shallow")))
            throw new GitException(GitErrorKind.NotAllowed, "the server does not offer fetches without history by protocol v2: leave shallow out");
        if (server.IsV2)
        {
            var body = Begin(server, "fetch").Line("thin-pack").Line("no-progress").Line("ofs-delta");
            if (shallow)
            {
                foreach (var have in haves) body.Line("shallow " + have);
                body.Line("deepen 1");
            }
            foreach (var want in wants) body.Line("want " + want);
            foreach (var have in haves) body.Line("have " + have);
            return body.Line("done").Flush().ToArray();
        }
        var old = new PktLineWriter();
        for (var index = 0; index < wants.Count; index++)
            old.Line("want " + wants[index] + (index == 0 ? " " + OldCapabilities(server) : ""));
        old.Flush();
        foreach (var have in haves) old.Line("have " + have);
        return old.Line("done").ToArray();
    }

    private static PktLineWriter Begin(Advertisement server, string command)
    {
        var body = new PktLineWriter().Line("command=" + command);
        if (server.Capabilities.ContainsKey("agent")) body.Line(Agent);
        if (server.Capabilities.ContainsKey("object-format")) body.Line("object-format=sha1");
        return body.Delimiter();
    }

    private static string OldCapabilities(Advertisement server)
    {
        string[] wished = ["multi_ack_detailed", "side-band-64k", "thin-pack", "ofs-delta", "no-progress"];
        var used = wished.Where(server.Capabilities.ContainsKey).ToList();
        if (!used.Contains("side-band-64k"))
            throw new GitException(GitErrorKind.Malformed, "the server speaks neither protocol v2 nor side-band-64k");
        if (server.Capabilities.ContainsKey("agent")) used.Add(Agent);
        return string.Join(' ', used);
    }
}
