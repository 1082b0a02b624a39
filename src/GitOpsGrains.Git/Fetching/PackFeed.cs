using System.Text;
using GitOpsGrains.Git.Transport;
using LibGit2Sharp;

namespace GitOpsGrains.Git.Fetching;

/// <summary>
/// Hands a pack that was already downloaded to libgit2, which indexes it: a transport whose server is this process, so
/// that native code never waits for the network. One use at a time per thread.
/// </summary>
internal sealed class PackFeed
{
    private const string Remote = "packs";
    private const string Url = "gitopsgrains-pack://mirror";
    private const string Scheme = "gitopsgrains-pack";
    private static readonly byte[] Nak = "0008NAK\n"u8.ToArray();

    [ThreadStatic]
    private static PackFeed? _current;

    private static readonly SmartSubtransportRegistration<Subtransport> Registration =
        GlobalSettings.RegisterSmartSubtransport<Subtransport>(Scheme);

    private readonly byte[] _advertisement;
    private readonly Stream _pack;

    private PackFeed(IReadOnlyDictionary<string, string> refs, Stream pack)
    {
        var lines = new PktLineWriter().Line("# service=git-upload-pack").Flush();
        var first = true;
        foreach (var (name, id) in refs)
        {
            lines.Line(first ? $"{id} {name}\0thin-pack ofs-delta" : $"{id} {name}");
            first = false;
        }
        _advertisement = lines.Flush().ToArray();
        _pack = pack;
    }

    /// <summary>Indexes the pack into the repository and sets the given refs (name to id).</summary>
    public static void Index(Repository repository, IReadOnlyDictionary<string, string> refs, Stream pack)
    {
        ArgumentNullException.ThrowIfNull(Registration);
        _current = new PackFeed(refs, pack);
        try
        {
            var options = new FetchOptions { TagFetchMode = TagFetchMode.None, Prune = false };
            // libgit2 takes no URL in place of a remote's name.
            _ = repository.Network.Remotes[Remote] ?? repository.Network.Remotes.Add(Remote, Url, "+refs/gitopsgrains/*:refs/gitopsgrains/*");
            Commands.Fetch(repository, Remote, refs.Keys.Select(name => $"+{name}:{name}"), options, null);
        }
        finally
        {
            _current = null;
        }
    }

    /// <summary>Made by libgit2, hence public to it only through its parameterless constructor.</summary>
    private sealed class Subtransport : RpcSmartSubtransport
    {
        protected override SmartSubtransportStream Action(string url, GitSmartSubtransportAction action)
        {
            var feed = _current ?? throw new InvalidOperationException("no pack is being fed on this thread");
            return action switch
            {
                GitSmartSubtransportAction.UploadPackList => new FeedStream(this, new MemoryStream(feed._advertisement), null),
                GitSmartSubtransportAction.UploadPack => new FeedStream(this, null, feed._pack),
                _ => throw new InvalidOperationException("mirrors are never pushed from"),
            };
        }
    }

    /// <summary>Answers NAK to every round of negotiation, and with the pack to the one that says done.</summary>
    private sealed class FeedStream(SmartSubtransport transport, Stream? advertisement, Stream? pack) : SmartSubtransportStream(transport)
    {
        private const int TailLength = 9;
        private int _nakLeft = Nak.Length;
        private string _tail = "";

        public override int Read(Stream dataStream, long length, out long bytesRead)
        {
            var buffer = new byte[Math.Min(length, 64 * 1024)];
            bytesRead = 0;
            var read = advertisement?.Read(buffer) ?? ReadAnswer(buffer);
            dataStream.Write(buffer, 0, read);
            bytesRead = read;
            return 0;
        }

        private int ReadAnswer(Span<byte> buffer)
        {
            if (_nakLeft == 0) return _tail == "0009done\n" ? pack!.Read(buffer) : 0;
            var part = Nak.AsSpan(Nak.Length - _nakLeft, Math.Min(_nakLeft, buffer.Length));
            part.CopyTo(buffer);
            _nakLeft -= part.Length;
            return part.Length;
        }

        public override int Write(Stream dataStream, long length)
        {
            var sent = new byte[length];
            dataStream.ReadExactly(sent);
            var text = _tail + Encoding.ASCII.GetString(sent);
            _tail = text.Length > TailLength ? text[^TailLength..] : text;
            return 0;
        }
    }
}
