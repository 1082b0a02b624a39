using System.Collections.Concurrent;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Git.Hosting;
using Microsoft.Extensions.Options;

namespace GitOpsGrains.Git.Transport;

/// <summary>
/// Git's smart HTTP protocol as a client: lists refs and fetches packs. Protocol v2 where the server speaks it, so that
/// a poll is one request for just the refs that matter; older protocols else.
/// </summary>
internal sealed class SmartHttpRemote(GitHttp http, IOptions<GitOptions> options)
{
    private const string InfoRefs = "/info/refs";
    private readonly HttpExchange _exchange = new(http);
    private readonly ConcurrentDictionary<string, RemoteState> _states = new(StringComparer.Ordinal);

    public async Task<RemoteRefs> ListRefsAsync(Uri url, IReadOnlyList<string> prefixes, CancellationToken cancellationToken)
    {
        var refs = await RetryWhenStaleAsync(url, state => ListOnceAsync(url, state, prefixes, cancellationToken), cancellationToken);
        if (refs.Refs.Count == 0)
        {
            var all = prefixes.Count == 0
                ? refs
                : await RetryWhenStaleAsync(url, state => ListOnceAsync(url, state, [], cancellationToken), cancellationToken);
            if (all.Refs.Count == 0) throw new GitException(GitErrorKind.Empty, "the repository has no commit");
        }
        Remember(url, refs);
        return refs;
    }

    /// <summary>The id to ask for to get a ref: an annotated tag's own, if the last listing showed it.</summary>
    public string WantedId(Uri url, GitRef item) =>
        item.Tag is { } known ? known
        : _states.TryGetValue(url.AbsoluteUri, out var state) && state.Tags.TryGetValue(item.Name, out var tag) && tag.Commit == item.Commit
            ? tag.Id
            : item.Commit;

    /// <summary>Writes a pack that holds what the wanted commits reach and the given ones do not. One request.</summary>
    public Task FetchPackAsync(Uri url, IReadOnlyList<string> wants, IReadOnlyList<string> haves, Stream pack, CancellationToken cancellationToken) =>
        RetryWhenStaleAsync(url, async state =>
        {
            var body = UploadPackRequest.Fetch(state.Advertisement, wants, haves);
            using var response = await _exchange.PostAsync(state.UploadPack, body, state.Advertisement.IsV2, cancellationToken);
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

    public void Forget(Uri url) => _states.TryRemove(url.AbsoluteUri, out _);

    private async Task<RemoteRefs> ListOnceAsync(Uri url, RemoteState state, IReadOnlyList<string> prefixes, CancellationToken cancellationToken)
    {
        if (!state.Advertisement.IsV2)
        {
            // Older protocols show all refs in the advertisement: the one read a moment ago, or a new one.
            var advertised = state.TakeFreshRefs() ?? (await AskAsync(url, cancellationToken)).TakeFreshRefs()!;
            return advertised with { Refs = [.. advertised.Refs.Where(item => IsUnder(item.Name, prefixes))] };
        }
        var body = UploadPackRequest.ListRefs(state.Advertisement, prefixes);
        using var response = await _exchange.PostAsync(state.UploadPack, body, true, cancellationToken);
        var answer = await HttpExchange.ReadAsync(response, options.Value.MaxRefBytes, cancellationToken);
        return LsRefsAnswer.Parse(answer.Span);
    }

    private async Task<T> RetryWhenStaleAsync<T>(Uri url, Func<RemoteState, Task<T>> action, CancellationToken cancellationToken)
    {
        if (_states.TryGetValue(url.AbsoluteUri, out var known))
        {
            try
            {
                return await action(known);
            }
            catch (Exception stale) when (stale is StaleRemoteException
                or GitException { Kind: GitErrorKind.RepositoryNotFound or GitErrorKind.Malformed })
            {
                // The repository may have moved, or the server speaks another protocol now.
                Forget(url);
            }
        }
        try
        {
            return await action(await AskAsync(url, cancellationToken));
        }
        catch (StaleRemoteException)
        {
            Forget(url);
            throw new GitException(GitErrorKind.NotAllowed, "the server redirects git-upload-pack requests, which is not followed");
        }
    }

    private async Task<RemoteState> AskAsync(Uri url, CancellationToken cancellationToken)
    {
        var root = url.AbsoluteUri.TrimEnd('/');
        var (response, from) = await _exchange.GetAsync(new Uri(root + InfoRefs + "?service=git-upload-pack"), cancellationToken);
        using var _ = response;
        var redirected = from.AbsolutePath != new Uri(root + InfoRefs).AbsolutePath;
        HttpExchange.ThrowUnlessGit(response, "application/x-git-upload-pack-advertisement", redirected);
        var path = from.GetLeftPart(UriPartial.Path);
        if (!path.EndsWith(InfoRefs, StringComparison.Ordinal))
            throw new GitException(GitErrorKind.Malformed, "the server redirects to a URL that is no repository's");
        var answer = await HttpExchange.ReadAsync(response, options.Value.MaxRefBytes, cancellationToken);
        var advertisement = Advertisement.Parse(answer.Span);
        if (advertisement.Capabilities.TryGetValue("object-format", out var format) && format != "sha1")
            throw new GitException(GitErrorKind.NotAllowed, "the repository's object format is not sha1, others can't be read");
        var state = new RemoteState(advertisement, new Uri(path[..^InfoRefs.Length] + "/git-upload-pack"));
        _states[url.AbsoluteUri] = state;
        return state;
    }

    private void Remember(Uri url, RemoteRefs refs)
    {
        if (_states.TryGetValue(url.AbsoluteUri, out var state))
            state.Tags = refs.Refs.Where(item => item.Peeled is not null).ToDictionary(item => item.Name, StringComparer.Ordinal);
    }

    private static bool IsUnder(string name, IReadOnlyList<string> prefixes) =>
        prefixes.Count == 0 || prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));

    private sealed class RemoteState(Advertisement advertisement, Uri uploadPack)
    {
        private RemoteRefs? _freshRefs = advertisement.Refs;

        public Advertisement Advertisement { get; } = advertisement with { Refs = null };

        public Uri UploadPack { get; } = uploadPack;

        public Dictionary<string, RemoteRef> Tags { get; set; } = [];

        public RemoteRefs? TakeFreshRefs() => Interlocked.Exchange(ref _freshRefs, null);
    }
}
