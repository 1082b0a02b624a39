using System.Collections.Concurrent;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Git.Credentials;
using GitOpsGrains.Git.Hosting;
using Microsoft.Extensions.Options;

namespace GitOpsGrains.Git.Transport;

/// <summary>
/// Git's smart HTTP protocol as a client: lists refs and fetches packs. Protocol v2 where the server speaks it, so that
/// a poll is one request for just the refs that matter; older protocols else.
/// </summary>
internal sealed class SmartHttpRemote(GitHttp http, IOptions<GitOptions> options) : IRemote
{
    private const string InfoRefs = "/info/refs";
    private readonly HttpExchange _exchange = new(http);
    private readonly ConcurrentDictionary<string, RemoteState> _states = new(StringComparer.Ordinal);

    public async Task<RemoteRefs> ListRefsAsync(RemoteEndpoint endpoint, IReadOnlyList<string> prefixes, CancellationToken cancellationToken)
    {
        var refs = await RetryWhenStaleAsync(endpoint, state => ListOnceAsync(endpoint, state, prefixes, cancellationToken), cancellationToken);
        if (refs.Refs.Count == 0)
        {
            var all = prefixes.Count == 0
                ? refs
                : await RetryWhenStaleAsync(endpoint, state => ListOnceAsync(endpoint, state, [], cancellationToken), cancellationToken);
            if (all.Refs.Count == 0) throw new GitException(GitErrorKind.Empty, "the repository has no commit");
        }
        Remember(endpoint, refs);
        return refs;
    }

    public string WantedId(RemoteEndpoint endpoint, GitRef item) =>
        item.Tag is { } known ? known
        : _states.TryGetValue(endpoint.Key, out var state) && state.Tags.TryGetValue(item.Name, out var tag) && tag.Commit == item.Commit
            ? tag.Id
            : item.Commit;

    /// <summary>One request.</summary>
    public Task FetchPackAsync(RemoteEndpoint endpoint, PackRequest request, Stream pack, CancellationToken cancellationToken) =>
        RetryWhenStaleAsync(endpoint, async state =>
        {
            var body = UploadPackRequest.Fetch(state.Advertisement, request);
            using var response = await _exchange.PostAsync(state.UploadPack, GitServices.UploadPack, endpoint.Http!, body, state.Advertisement.IsV2, cancellationToken);
            try
            {
                await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
                await PackStream.CopyAsync(stream, pack, options.Value.MaxPackBytes, cancellationToken);
            }
            catch (Exception broken) when (broken is IOException or HttpRequestException)
            {
                throw HttpExchange.Dropped(broken);
            }
            return true;
        }, cancellationToken);

    /// <summary>Two requests.</summary>
    public async Task PushAsync(
        RemoteEndpoint endpoint, string branch, string? expected, string commit, ReadOnlyMemory<byte> pack, CancellationToken cancellationToken)
    {
        try
        {
            var (server, url) = await AdvertisedAsync(endpoint, GitServices.ReceivePack, cancellationToken);
            var body = ReceivePackRequest.Update(server, branch, expected, commit, pack.Span);
            using var response = await _exchange.PostAsync(url, GitServices.ReceivePack, endpoint.Http!, body, false, cancellationToken);
            ReceivePackRequest.ThrowUnlessDone((await HttpExchange.ReadAsync(response, options.Value.MaxRefBytes, cancellationToken)).Span, branch);
        }
        catch (StaleRemoteException)
        {
            throw new GitException(GitErrorKind.NotAllowed, "the server redirects git-receive-pack requests, which is not followed");
        }
        catch (GitException denied) when (denied.Kind == GitErrorKind.AccessDenied)
        {
            throw new GitException(GitErrorKind.AccessDenied, $"the credentials may not push there: {denied.Message}", denied);
        }
    }

    private void Forget(RemoteEndpoint endpoint) => _states.TryRemove(endpoint.Key, out _);

    private async Task<RemoteRefs> ListOnceAsync(RemoteEndpoint endpoint, RemoteState state, IReadOnlyList<string> prefixes, CancellationToken cancellationToken)
    {
        if (!state.Advertisement.IsV2)
        {
            // Older protocols show all refs in the advertisement: the one read a moment ago, or a new one.
            var advertised = state.TakeFreshRefs() ?? (await AskAsync(endpoint, cancellationToken)).TakeFreshRefs()!;
            return advertised.Under(prefixes);
        }
        var body = UploadPackRequest.ListRefs(state.Advertisement, prefixes);
        using var response = await _exchange.PostAsync(state.UploadPack, GitServices.UploadPack, endpoint.Http!, body, true, cancellationToken);
        var answer = await HttpExchange.ReadAsync(response, options.Value.MaxRefBytes, cancellationToken);
        return LsRefsAnswer.Parse(answer.Span);
    }

    private async Task<T> RetryWhenStaleAsync<T>(RemoteEndpoint endpoint, Func<RemoteState, Task<T>> action, CancellationToken cancellationToken)
    {
        if (_states.TryGetValue(endpoint.Key, out var known))
        {
            try
            {
                return await action(known);
            }
            catch (Exception stale) when (stale is StaleRemoteException
                or GitException { Kind: GitErrorKind.RepositoryNotFound or GitErrorKind.Malformed })
            {
                // The repository may have moved, or the server speaks another protocol now.
                Forget(endpoint);
            }
        }
        try
        {
            return await action(await AskAsync(endpoint, cancellationToken));
        }
        catch (StaleRemoteException)
        {
            Forget(endpoint);
            throw new GitException(GitErrorKind.NotAllowed, "the server redirects git-upload-pack requests, which is not followed");
        }
    }

    private async Task<RemoteState> AskAsync(RemoteEndpoint endpoint, CancellationToken cancellationToken)
    {
        var (advertisement, url) = await AdvertisedAsync(endpoint, GitServices.UploadPack, cancellationToken);
        var state = new RemoteState(advertisement, url);
        _states[endpoint.Key] = state;
        return state;
    }

    /// <summary>What a service of the server says of itself, and where it takes requests.</summary>
    private async Task<(Advertisement Server, Uri Url)> AdvertisedAsync(RemoteEndpoint endpoint, string service, CancellationToken cancellationToken)
    {
        var root = endpoint.Http!.Url.AbsoluteUri.TrimEnd('/');
        var (response, from) = await _exchange.GetAsync(new Uri(root + InfoRefs + "?service=" + service), endpoint.Http, cancellationToken);
        using var _ = response;
        var redirected = from.AbsolutePath != new Uri(root + InfoRefs).AbsolutePath;
        HttpExchange.ThrowUnlessGit(response, $"application/x-{service}-advertisement", redirected);
        var path = from.GetLeftPart(UriPartial.Path);
        if (!path.EndsWith(InfoRefs, StringComparison.Ordinal))
            throw new GitException(GitErrorKind.Malformed, "the server redirects to a URL that is no repository's");
        var answer = await HttpExchange.ReadAsync(response, options.Value.MaxRefBytes, cancellationToken);
        var advertisement = Advertisement.Parse(answer.Span, service);
        advertisement.ThrowUnlessSha1();
        return (advertisement, new Uri(path[..^InfoRefs.Length] + "/" + service));
    }

    private void Remember(RemoteEndpoint endpoint, RemoteRefs refs)
    {
        if (_states.TryGetValue(endpoint.Key, out var state))
            state.Tags = refs.Tags();
    }

    private sealed class RemoteState(Advertisement advertisement, Uri uploadPack)
    {
        private RemoteRefs? _freshRefs = advertisement.Refs;

        public Advertisement Advertisement { get; } = advertisement with { Refs = null };

        public Uri UploadPack { get; } = uploadPack;

        public Dictionary<string, RemoteRef> Tags { get; set; } = [];

        public RemoteRefs? TakeFreshRefs() => Interlocked.Exchange(ref _freshRefs, null);
    }
}
