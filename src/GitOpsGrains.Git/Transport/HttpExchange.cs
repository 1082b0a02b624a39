using System.Net;
using System.Net.Http.Headers;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Git.Credentials;

namespace GitOpsGrains.Git.Transport;

/// <summary>One request to a Git server, its errors turned into <see cref="GitException"/>.</summary>
internal sealed class HttpExchange(GitHttp http)
{
    private const int MaxRedirects = 5;
    private static readonly TimeSpan UsualPause = TimeSpan.FromMinutes(1);

    /// <summary>
    /// GET, following redirects that stay at the origin or, without credentials, go from http to https of the same host.
    /// </summary>
    /// <returns>The answer (200) and the URL that gave it.</returns>
    public async Task<(HttpResponseMessage Response, Uri Url)> GetAsync(Uri url, HttpAccess access, CancellationToken cancellationToken)
    {
        for (var hop = 0; ; hop++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.TryAddWithoutValidation("Git-Protocol", "version=2");
            var response = await SendAsync(request, access, cancellationToken);
            if (!IsRedirect(response.StatusCode))
            {
                ThrowUnlessOk(response, access);
                return (response, url);
            }
            var location = response.Headers.Location;
            response.Dispose();
            url = hop < MaxRedirects ? Follow(url, location, access) : throw new GitException(GitErrorKind.NotAllowed, "the server redirects in circles");
        }
    }

    public async Task<HttpResponseMessage> PostAsync(Uri url, string service, HttpAccess access, byte[] body, bool v2, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue($"application/x-{service}-request");
        request.Headers.TryAddWithoutValidation("Accept", $"application/x-{service}-result");
        if (v2) request.Headers.TryAddWithoutValidation("Git-Protocol", "version=2");
        var response = await SendAsync(request, access, cancellationToken);
        if (IsRedirect(response.StatusCode))
        {
            response.Dispose();
            throw new StaleRemoteException();
        }
        ThrowUnlessOk(response, access);
        ThrowUnlessGit(response, $"application/x-{service}-result", false);
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

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, HttpAccess access, CancellationToken cancellationToken)
    {
        // Redirects have been judged: what has credentials stays at its origin.
        request.Headers.Authorization = access.Authorization;
        var response = await http.SendAsync(request, access.Connection, cancellationToken);
        if (response.StatusCode == HttpStatusCode.Unauthorized) access.Refused?.Invoke();
        return response;
    }

    private static void ThrowUnlessOk(HttpResponseMessage response, HttpAccess access)
    {
        if (response.StatusCode == HttpStatusCode.OK) return;
        var status = (int)response.StatusCode;
        var pause = RetryAfter(response);
        response.Dispose();
        throw status switch
        {
            401 => new GitException(GitErrorKind.AccessDenied, access.HasCredentials ? "the server refuses the credentials (401)" : "the server asks for credentials (401)"),
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

    internal static Uri Follow(Uri from, Uri? location, HttpAccess access)
    {
        if (location is null) throw new GitException(GitErrorKind.Malformed, "the server redirects to nowhere");
        var to = new Uri(from, location);
        var sameOrigin = to.Scheme == from.Scheme && to.Authority == from.Authority;
        var upgrade = from.Scheme == Uri.UriSchemeHttp && to.Scheme == Uri.UriSchemeHttps && to.Host == from.Host && to.IsDefaultPort;
        return (sameOrigin || (upgrade && !access.HasCredentials)) && to.UserInfo.Length == 0
            ? to
            : throw new GitException(GitErrorKind.NotAllowed, $"the server redirects to {to.Scheme}://{to.Authority}: write the URL that it redirects to, if that is meant");
    }

    private static GitException TooLarge(int limit) => new(GitErrorKind.TooLarge, $"the server's answer has more than {limit} bytes");
}

/// <summary>What was remembered of a server no longer holds (it redirects requests): ask it anew.</summary>
internal sealed class StaleRemoteException : Exception;
