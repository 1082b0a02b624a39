using System.Net;

namespace GitOpsGrains.Kubernetes.Requests;

/// <summary>
/// The HTTP version of a server. With TLS both sides agree on one; over plain http HTTP/2 is tried without asking, and a
/// server that doesn't know it gets HTTP/1.1 from then on.
/// </summary>
internal sealed class HttpProtocol(Uri server)
{
    private readonly bool _isPlain = server.Scheme == Uri.UriSchemeHttp;
    private volatile bool _isProven;
    private volatile bool _isOld;

    public void Apply(HttpRequestMessage message)
    {
        message.Version = _isOld ? HttpVersion.Version11 : HttpVersion.Version20;
        message.VersionPolicy = _isPlain ? HttpVersionPolicy.RequestVersionExact : HttpVersionPolicy.RequestVersionOrLower;
    }

    public void Proven() => _isProven = true;

    /// <summary>The server refused HTTP/2 before it took any request: the request can be sent again, as HTTP/1.1.</summary>
    public bool TryFallBack(HttpRequestException exception)
    {
        if (!_isPlain || _isProven) return false;
        if (exception.HttpRequestError is not (HttpRequestError.HttpProtocolError or HttpRequestError.InvalidResponse
            or HttpRequestError.ResponseEnded or HttpRequestError.VersionNegotiationError)) return false;
        _isOld = true;
        return true;
    }
}
