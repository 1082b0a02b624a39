using System.Collections.Concurrent;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Git.Credentials;
using GitOpsGrains.Git.Hosting;
using Microsoft.Extensions.Options;

namespace GitOpsGrains.Git.Transport;

/// <summary>
/// Git's protocol through the ssh program, one connection for each listing and each fetch: the same requests and answers as
/// over HTTP, with the same limits. Where a server does not take the variable GIT_PROTOCOL, protocol v0.
/// </summary>
internal sealed class SshRemote(SshSessions sessions, IOptions<GitOptions> options) : IRemote
{
    private static readonly byte[] Flush = "0000"u8.ToArray();
    private readonly ConcurrentDictionary<string, Dictionary<string, RemoteRef>> _tags = new(StringComparer.Ordinal);

    public async Task<RemoteRefs> ListRefsAsync(RemoteEndpoint endpoint, IReadOnlyList<string> prefixes, CancellationToken cancellationToken)
    {
        var refs = await TalkAsync(endpoint, (session, server) => ListAsync(session, server, prefixes, cancellationToken), cancellationToken);
        _tags[endpoint.Key] = refs.Tags();
        return refs;
    }

    public string WantedId(RemoteEndpoint endpoint, GitRef item) =>
        item.Tag is { } known ? known
        : _tags.TryGetValue(endpoint.Key, out var tags) && tags.TryGetValue(item.Name, out var tag) && tag.Commit == item.Commit ? tag.Id : item.Commit;

    public Task FetchPackAsync(RemoteEndpoint endpoint, PackRequest request, Stream pack, CancellationToken cancellationToken) =>
        TalkAsync(endpoint, async (session, server) =>
        {
            // Older servers answer while they are still being told: who only wrote would wait for each other.
            var sending = SendAsync(session, UploadPackRequest.Fetch(server, request), cancellationToken);
            await PackStream.CopyAsync(session.Output, pack, options.Value.MaxPackBytes, cancellationToken);
            await sending;
            return true;
        }, cancellationToken);

    public Task PushAsync(RemoteEndpoint endpoint, string branch, string? expected, string commit, ReadOnlyMemory<byte> pack, CancellationToken cancellationToken) =>
        TalkAsync(endpoint, async (session, server) =>
        {
            await SendAsync(session, ReceivePackRequest.Update(server, branch, expected, commit, pack.Span), cancellationToken);
            ReceivePackRequest.ThrowUnlessDone((await PktSection.ReadAsync(session.Output, options.Value.MaxRefBytes, cancellationToken)).Span, branch);
            return true;
        }, cancellationToken, GitServices.ReceivePack);

    private async Task<RemoteRefs> ListAsync(SshSession session, Advertisement server, IReadOnlyList<string> prefixes, CancellationToken cancellationToken)
    {
        var refs = server.Refs?.Under(prefixes) ?? await AskAsync(session, server, prefixes, cancellationToken);
        if (refs.Refs.Count == 0 && (server.Refs ?? await AskAsync(session, server, [], cancellationToken)).Refs.Count == 0)
            throw new GitException(GitErrorKind.Empty, "the repository has no commit");
        await SendAsync(session, Flush, cancellationToken);
        return refs;
    }

    private async Task<RemoteRefs> AskAsync(SshSession session, Advertisement server, IReadOnlyList<string> prefixes, CancellationToken cancellationToken)
    {
        await SendAsync(session, UploadPackRequest.ListRefs(server, prefixes), cancellationToken);
        return LsRefsAnswer.Parse((await PktSection.ReadAsync(session.Output, options.Value.MaxRefBytes, cancellationToken)).Span);
    }

    private static async Task SendAsync(SshSession session, byte[] request, CancellationToken cancellationToken)
    {
        await session.Input.WriteAsync(request, cancellationToken);
        await session.Input.FlushAsync(cancellationToken);
    }

    /// <summary>Opens a session, reads what the server says of itself, and does what is asked. An end before that is explained.</summary>
    private async Task<T> TalkAsync<T>(RemoteEndpoint endpoint, Func<SshSession, Advertisement, Task<T>> talk, CancellationToken cancellationToken, string service = GitServices.UploadPack)
    {
        await using var session = await sessions.StartAsync(endpoint, service, cancellationToken);
        try
        {
            var server = Advertisement.Parse((await PktSection.ReadAsync(session.Output, options.Value.MaxRefBytes, cancellationToken)).Span);
            server.ThrowUnlessSha1();
            return await talk(session, server);
        }
        catch (Exception broken) when (broken is EndOfStreamException or IOException or GitException { Kind: GitErrorKind.Unreachable })
        {
            var (exitCode, errors) = await session.EndAsync(cancellationToken);
            throw SshFailure.Of(endpoint, exitCode, errors, broken);
        }
    }
}
