using System.Net;
using System.Net.Http.Headers;
using GitOpsGrains.Abstractions.Ports.Git;

namespace GitOpsGrains.Git.Transport;

/// <summary>One request to a Git server, its errors turned into <see cref="GitException"/>.</summary>
internal sealed class HttpExchange(GitHttp http)
{
    private const int MaxRedirects = 5;
    private static readonly TimeSpan UsualPause = TimeSpan.FromMinutes(1);

    /// <summary>GET, following redirects that stay at the origin or go from http to https of the same host.</summary>
    /// <returns>The answer (200) and the URL that gave it.</returns>
    public async Task<(HttpResponseMessage Response, Uri Url)> GetAsync(Uri url, CancellationToken cancellationToken)
    {
        for (var hop = 0; ; hop++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.TryAddWithoutValidation("Git-Protocol", "version=2");
            var response = await SendAsync(request, cancellationToken);
            if (!IsRedirect(response.StatusCode))
            {
                ThrowUnlessOk(response);
                return (response, url);
            }
            var location = response.Headers.Location;
            response.Dispose();
            url = hop < MaxRedirects ? Follow(url, location) : throw new GitException(GitErrorKind.NotAllowed, "the server redirects in circles");
        }
    }

    public async Task<HttpResponseMessage> PostAsync(Uri url, byte[] body, bool v2, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-git-upload-pack-request");
        request.Headers.TryAddWithoutValidation("Accept", "application/x-git-upload-pack-result");
        if (v2) request.Headers.TryAddWithoutValidation("Git-Protocol", "version=2");
        var response = await SendAsync(request, cancellationToken);
        if (IsRedirect(response.StatusCode))
        {
            response.Dispose();
            throw new StaleRemoteException();
        }
        ThrowUnlessOk(response);
        ThrowUnlessGit(response, "application/x-git-upload-pack-result", false);
        return response;
    }

    /// <summary>A web page instead of Git's answer: behind a redirect it is a login page, else the URL is no repository.</summary>
    public static void ThrowUnlessGit(HttpResponseMessage response, string mediaType, bool redirected)
    {
        var actual = response.Content.Headers.ContentType?.MediaType;
        if (string.Equals(actual, mediaType, StringComparison.OrdinalIgnoreCase)) return;
        var html = string.Equals(actual, "text/html", StringComparison.OrdinalIgnoreCase);
        response.Dispose();
        throw html && redirected
            ? new GitException(GitErrorKind.AccessDenied, "the server redirects to a web page, probably to log in")
            : new GitException(GitErrorKind.Malformed, $"the server answers {(html ? "with a web page" : "with something else")} instead of Git: the URL is probably not a repository's");
    }

    /// <summary>Reads a whole body of at most <paramref name="limit"/> bytes.</summary>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpResponseMessage response, int limit, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentLength > limit) throw TooLarge(limit);
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            using var bytes = new MemoryStream();
            var buffer = new byte[16 * 1024];
            int read;
            while ((read = await stream.ReadAsync(buffer, cancellationToken)) > 0)
            {
                if (bytes.Length + read > limit) throw TooLarge(limit);
                bytes.Write(buffer, 0, read);
            }
            return bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException)
        {
            throw Dropped(broken);
        }
    }

    public static GitException Dropped(Exception broken) =>
        new(GitErrorKind.Unreachable, "the connection to the server broke before its answer was complete", broken);

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await http.For(request.RequestUri!).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException broken)
        {
            throw new GitException(GitErrorKind.Unreachable, Describe(broken, request.RequestUri!), broken);
        }
        catch (OperationCanceledException timeout) when (!cancellationToken.IsCancellationRequested)
        {
            // SocketsHttpHandler reports its connect time-out as a cancellation.
            throw new GitException(GitErrorKind.TimedOut, $"no connection to {request.RequestUri!.Authority} in time", timeout);
        }
    }

    private static string Describe(HttpRequestException broken, Uri url) => broken.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => $"the name {url.Host} does not resolve",
        HttpRequestError.SecureConnectionError => $"TLS with {url.Authority} failed: {broken.InnerException?.Message ?? broken.Message}",
        HttpRequestError.ConnectionError => $"no connection to {url.Authority}",
        _ => $"{url.Authority} did not answer: {broken.HttpRequestError}",
    };

    private static void ThrowUnlessOk(HttpResponseMessage response)
    {
        if (response.StatusCode == HttpStatusCode.OK) return;
        var status = (int)response.StatusCode;
        var pause = RetryAfter(response);
        response.Dispose();
        throw status switch
        {
            401 => new GitException(GitErrorKind.AccessDenied, "the server asks for credentials (401)"),
            // GitHub says so with 403 as well.
            403 when pause is not null => new GitException(GitErrorKind.Unreachable, "the server refuses more requests at the moment (403 with Retry-After)") { RetryAfter = pause },
            403 or 407 => new GitException(GitErrorKind.AccessDenied, $"the server refuses access ({status})"),
            404 or 410 => new GitException(GitErrorKind.RepositoryNotFound, $"the server knows no such repository, or hides it ({status})"),
            429 => new GitException(GitErrorKind.Unreachable, "the server says that it gets too many requests (429)") { RetryAfter = pause ?? UsualPause },
            >= 500 => new GitException(GitErrorKind.Unreachable, $"the server answers with the error {status}") { RetryAfter = pause },
            _ => new GitException(GitErrorKind.Malformed, $"the server answers with the status {status}"),
        };
    }

    /// <summary>In seconds, or until a date by the server's own clock.</summary>
    private static TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        var asked = response.Headers.RetryAfter;
        var pause = asked?.Delta ?? (asked?.Date is { } until && response.Headers.Date is { } now ? until - now : null);
        return pause > TimeSpan.Zero ? pause : null;
    }

    private static bool IsRedirect(HttpStatusCode status) => (int)status is 301 or 302 or 303 or 307 or 308;

    private static Uri Follow(Uri from, Uri? location)
    {
        if (location is null) throw new GitException(GitErrorKind.Malformed, "the server redirects to nowhere");
        var to = new Uri(from, location);
        var sameOrigin = to.Scheme == from.Scheme && to.Authority == from.Authority;
        var upgrade = from.Scheme == Uri.UriSchemeHttp && to.Scheme == Uri.UriSchemeHttps && to.Host == from.Host && to.IsDefaultPort;
        return (sameOrigin || upgrade) && to.UserInfo.Length == 0
            ? to
            : throw new GitException(GitErrorKind.NotAllowed, $"the server redirects to {to.Host}: write the URL that it redirects to, if that is meant");
    }

    private static GitException TooLarge(int limit) => new(GitErrorKind.TooLarge, $"the server's list of refs has more than {limit} bytes");
}

/// <summary>What was remembered of a server no longer holds (it redirects requests): ask it anew.</summary>
internal sealed class StaleRemoteException : Exception;
